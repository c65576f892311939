import type { ResourceRef } from '../../../shims/canonical-abi/types.ts';
import type { BinaryReader } from '../binary-reader.ts';
import { readVector } from './decode-value-types.ts';
import type {
  ComponentDefinition,
  CoreSort,
  CoreSortIndex,
  ExternShape,
  InnerResource,
  InstanceShape,
  Named,
  Sort,
  SortIndex,
} from './definition.ts';
import { checked, type ComponentScope, entry, invalid, unsupportedPart } from './scope.ts';
import { fits } from './same-shape.ts';
import { Substitution } from './substitute.ts';

const CORE_SORTS: ReadonlyMap<number, CoreSort> = new Map([
  [0x00, 'func'],
  [0x01, 'table'],
  [0x02, 'memory'],
  [0x03, 'global'],
  [0x04, 'tag'],
]);

const SORTS: ReadonlyMap<number, Sort> = new Map([
  [0x01, 'func'],
  [0x03, 'type'],
  [0x04, 'component'],
  [0x05, 'instance'],
]);

export function readCoreSort(reader: BinaryReader): CoreSort {
  const code = reader.byte();
  return CORE_SORTS.get(code) ?? invalid(reader, `0x${code.toString(16)} is no sort of core definitions`);
}

/** Of a component's own sorts; of the core's, there is only the module. */
export function readSort(reader: BinaryReader): Sort {
  const code = reader.byte();
  if (code === 0x02) unsupportedPart('a value definition');
  if (code !== 0x00)
    return SORTS.get(code) ?? invalid(reader, `0x${code.toString(16)} is no sort of definitions`);
  const core = reader.byte();
  return core === 0x11
    ? 'module'
    : invalid(reader, `0x${core.toString(16)} is no sort that a component can pass on`);
}

export function readCoreInstance(scope: ComponentScope, reader: BinaryReader): void {
  const code = reader.byte();
  if (code === 0x00) {
    const module = checked(reader, 'core module', reader.unsigned(), scope.coreCounts.module);
    const args = readVector(reader, () => readCoreArg(scope, reader));
    scope.definitions.push({ kind: 'core-instance', module, args });
  } else if (code === 0x01) {
    const exports = readVector(reader, () => ({
      name: reader.name(),
      item: readCoreSortIndex(scope, reader),
    }));
    scope.definitions.push({ kind: 'core-exports', exports });
  } else invalid(reader, `0x${code.toString(16)} begins no core instance`);
  scope.coreCounts.instance++;
}

function readCoreArg(scope: ComponentScope, reader: BinaryReader): Named<number> {
  const name = reader.name();
  if (reader.byte() !== 0x12) invalid(reader, 'a core module is given something else than instances');
  return { name, item: checked(reader, 'core instance', reader.unsigned(), scope.coreCounts.instance) };
}

function readCoreSortIndex(scope: ComponentScope, reader: BinaryReader): CoreSortIndex {
  const sort = readCoreSort(reader);
  return { sort, index: checked(reader, `core ${sort}`, reader.unsigned(), scope.coreCounts[sort]) };
}

export function readInstance(scope: ComponentScope, reader: BinaryReader): void {
  const code = reader.byte();
  if (code === 0x00) readInstantiation(scope, reader);
  else if (code === 0x01) {
    const exports = readVector(reader, () => readNamed(scope, reader));
    scope.definitions.push({ kind: 'exports', exports });
    scope.instances.push({
      exports: new Map(exports.map(({ name, item }) => [name, shapeOf(scope, reader, item)] as const)),
    });
  } else invalid(reader, `0x${code.toString(16)} begins no instance`);
}

function readNamed(scope: ComponentScope, reader: BinaryReader): Named<SortIndex> {
  // As an export's, the name of an inline export has attributes; those of an argument have none.
  const form = reader.byte();
  if (form > 0x01) unsupportedPart('a name with attributes');
  return { name: reader.name(), item: readSortIndex(scope, reader) };
}

export function readSortIndex(scope: ComponentScope, reader: BinaryReader): SortIndex {
  const item = { sort: readSort(reader), index: reader.unsigned() };
  const shape = shapeOf(scope, reader, item);
  if (shape.sort !== 'type' || shape.type.kind !== 'resource') return item;
  return { ...item, resource: shape.type.ref.slot };
}

/** @returns what is known of a definition. @throws ProgramError when there is none */
export function shapeOf(
  scope: ComponentScope,
  reader: BinaryReader,
  { sort, index }: SortIndex,
): ExternShape {
  switch (sort) {
    case 'func':
      return { sort, type: entry(reader, 'function', index, scope.functions) };
    case 'instance':
      return { sort, shape: entry(reader, 'instance', index, scope.instances) };
    case 'type':
      return { sort, type: entry(reader, 'type', index, scope.types) };
    case 'component':
      checked(reader, 'component', index, scope.components.length);
      return { sort };
    case 'module':
      checked(reader, 'core module', index, scope.coreCounts.module);
      return { sort };
  }
}

function readInstantiation(scope: ComponentScope, reader: BinaryReader): void {
  const component = reader.unsigned();
  const definition = entry(reader, 'component', component, scope.components);
  if (definition === undefined) return unsupportedPart('a component that comes from outside');
  const args = readVector(reader, () => ({ name: reader.name(), item: readSortIndex(scope, reader) }));
  const given = new Map(args.map(({ name, item }) => [name, shapeOf(scope, reader, item)] as const));
  const missing = definition.imports.find(({ name }) => !given.has(name));
  if (missing !== undefined)
    invalid(reader, `an inner component lacks its import ${JSON.stringify(missing.name)}`);
  const { shape, resources } = outsideOf(scope, reader, definition, given);
  scope.definitions.push({ kind: 'instance', component, args, resources });
  scope.instances.push(shape);
}

/** @returns how an inner component's exports look here: resource types that it was given are ours, its own are new ones */
function outsideOf(
  scope: ComponentScope,
  reader: BinaryReader,
  definition: ComponentDefinition,
  given: ReadonlyMap<string, ExternShape>,
): { shape: InstanceShape; resources: InnerResource[] } {
  const ours = new Map<number, ResourceRef>();
  for (const { name, resources } of definition.imports) {
    for (const { slot, path } of resources) {
      const ref = resourceAtPath(given.get(name) as ExternShape, path);
      ours.set(
        slot,
        ref ??
          invalid(reader, `the import ${JSON.stringify(name)} of an inner component has no such resource`),
      );
    }
  }
  const resources: InnerResource[] = [];
  const substitution = new Substitution(({ slot, name }) => {
    const known = ours.get(slot);
    if (known !== undefined) return known;
    const made = scope.newResource(name);
    ours.set(slot, made);
    resources.push({ slot: made.slot, inner: slot });
    return made;
  }, scope.work);
  for (const { name, shape } of definition.imports) {
    if (!fits(given.get(name) as ExternShape, substitution.extern(shape), scope.work))
      invalid(
        reader,
        `the import ${JSON.stringify(name)} of an inner component is given something of another type`,
      );
  }
  scope.work.spend(definition.exports.length);
  const exports = new Map(
    definition.exports.map(({ name, shape }) => [name, substitution.extern(shape)] as const),
  );
  return { shape: { exports }, resources };
}

function resourceAtPath(shape: ExternShape, path: readonly string[]): ResourceRef | undefined {
  let found: ExternShape | undefined = shape;
  for (const name of path) found = found?.sort === 'instance' ? found.shape.exports.get(name) : undefined;
  return found?.sort === 'type' && found.type.kind === 'resource' ? found.type.ref : undefined;
}
