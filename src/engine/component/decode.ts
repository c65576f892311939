import { ProgramError } from '../../errors.ts';
import { BinaryReader } from '../binary-reader.ts';
import { checkCores } from './check-core.ts';
import { readCanon } from './decode-canon.ts';
import {
  readCoreInstance,
  readCoreSort,
  readInstance,
  readSort,
  readSortIndex,
  shapeOf,
} from './decode-instances.ts';
import { readExternName, readExternType, readOuterType, readType } from './decode-types.ts';
import { readVector } from './decode-value-types.ts';
import type { ComponentDefinition, DecodedProgram, ExternShape, ResourceSource, Sort } from './definition.ts';
import { checked, ComponentScope, entry, invalid, type Scope, unsupportedPart } from './scope.ts';

/** Components inside components; reading and linking them recurses. */
const MAX_DEPTH = 100;

const SECTION = {
  custom: 0,
  coreModule: 1,
  coreInstance: 2,
  coreType: 3,
  component: 4,
  instance: 5,
  alias: 6,
  type: 7,
  canon: 8,
  start: 9,
  import: 10,
  export: 11,
  value: 12,
} as const;

/**
 * Reads a component: everything that linking needs, checked as far as linking relies on it. Core modules are V8's to check.
 *
 * @throws ProgramError BW_PROGRAM_INVALID, BW_PROGRAM_TRUNCATED, BW_PROGRAM_UNSUPPORTED
 */
export function decodeComponent(bytes: Uint8Array): DecodedProgram {
  const cores: Uint8Array[] = [];
  const root = readComponent(new BinaryReader(bytes), undefined, cores, 0);
  return { root, cores, coreInstances: checkCores(root, cores) };
}

/** `\0asm`, version 13, layer 1 */
const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00] as const;

/** @param outer the bytes of the component; positions are those of the whole program, also inside of components */
function readComponent(
  outer: BinaryReader,
  parent: Scope | undefined,
  cores: Uint8Array[],
  depth: number,
): ComponentDefinition {
  if (depth > MAX_DEPTH) unsupportedPart(`components nested more than ${MAX_DEPTH} deep`);
  const { bytes } = outer;
  const scope = new ComponentScope(parent);
  if (PREAMBLE.some((byte) => outer.byte() !== byte)) invalid(outer, 'it does not begin as components do');
  while (!outer.done) {
    const id = outer.byte();
    const size = outer.unsigned();
    const contentStart = outer.position;
    outer.skip(size);
    const contentEnd = outer.position;
    const reader = new BinaryReader(bytes, contentStart, contentEnd);
    if (id === SECTION.coreModule) {
      scope.definitions.push({
        kind: 'core-module',
        module: cores.push(bytes.subarray(contentStart, contentEnd)) - 1,
      });
      scope.coreCounts.module++;
    } else if (id === SECTION.component) {
      const component = readComponent(reader, scope, cores, depth + 1);
      scope.definitions.push({ kind: 'component', component });
      scope.components.push(component);
    } else if (id !== SECTION.custom) {
      readVector(reader, () => readDefinition(scope, reader, id));
      if (!reader.done) invalid(reader, 'a section is longer than what it holds');
    }
  }
  const { definitions, imports, exports, resourceCount } = scope;
  return { definitions, imports, exports, resourceCount };
}

function readDefinition(scope: ComponentScope, reader: BinaryReader, section: number): void {
  switch (section) {
    case SECTION.coreInstance:
      return readCoreInstance(scope, reader);
    case SECTION.coreType:
      return unsupportedPart('a core type');
    case SECTION.instance:
      return readInstance(scope, reader);
    case SECTION.alias:
      return readAlias(scope, reader);
    case SECTION.type:
      return readTypeDefinition(scope, reader);
    case SECTION.canon:
      return readCanon(scope, reader);
    case SECTION.import:
      return readImport(scope, reader);
    case SECTION.export:
      return readExport(scope, reader);
    case SECTION.start:
      return unsupportedPart('a start definition');
    case SECTION.value:
      return unsupportedPart('a value definition');
    default:
      throw new ProgramError('BW_PROGRAM_INVALID', `The component is broken: it has a section ${section}.`);
  }
}

/** A resource type of the component's own; all others are types of values, functions and instances. */
function readTypeDefinition(scope: ComponentScope, reader: BinaryReader): void {
  if (reader.bytes[reader.position] !== 0x3f) {
    scope.types.push(readType(scope, reader));
    return;
  }
  reader.byte();
  if (reader.byte() !== 0x7f) unsupportedPart('a resource that is not represented by an i32');
  const ref = scope.newResource('resource');
  const hasDestructor = reader.byte() !== 0;
  scope.definitions.push({
    kind: 'resource',
    slot: ref.slot,
    ...(hasDestructor && {
      destructor: checked(reader, 'core function', reader.unsigned(), scope.coreCounts.func),
    }),
  });
  scope.types.push({ kind: 'resource', ref });
}

function readAlias(scope: ComponentScope, reader: BinaryReader): void {
  if (reader.bytes[reader.position] === 0x00 && isCoreAlias(reader)) return readCoreAlias(scope, reader);
  const sort = readSort(reader);
  const target = reader.byte();
  if (target === 0x02) return readOuterAlias(scope, reader, sort);
  if (target !== 0x00) invalid(reader, 'an alias is of neither an export nor an outer definition');
  const instance = reader.unsigned();
  const { exports } = entry(reader, 'instance', instance, scope.instances);
  const name = reader.name();
  const shape = exports.get(name) ?? invalid(reader, `an instance has no export ${JSON.stringify(name)}`);
  if (shape.sort !== sort) invalid(reader, `the export ${JSON.stringify(name)} of an instance is no ${sort}`);
  if (sort !== 'type') scope.definitions.push({ kind: 'alias', sort, instance, name });
  push(scope, shape);
}

/** Both forms begin with the sort; only the target behind it tells a core instance's export from the rest. */
function isCoreAlias(reader: BinaryReader): boolean {
  return reader.bytes[reader.position + 2] === 0x01;
}

function readCoreAlias(scope: ComponentScope, reader: BinaryReader): void {
  reader.byte();
  const sort = readCoreSort(reader);
  reader.byte();
  const instance = checked(reader, 'core instance', reader.unsigned(), scope.coreCounts.instance);
  scope.definitions.push({ kind: 'alias-core', sort, instance, name: reader.name() });
  scope.coreCounts[sort]++;
}

function readOuterAlias(scope: ComponentScope, reader: BinaryReader, sort: Sort): void {
  if (sort === 'type') {
    scope.types.push(readOuterType(scope, reader));
    return;
  }
  const depth = reader.unsigned();
  const outer = scope.outer(depth, reader).scope;
  const index = reader.unsigned();
  if (!(outer instanceof ComponentScope))
    return invalid(reader, 'an alias is of something that types do not hold');
  if (sort === 'component') {
    scope.components.push(entry(reader, 'component', index, outer.components));
    scope.definitions.push({ kind: 'alias-outer-component', depth, index });
  } else if (sort === 'module') {
    checked(reader, 'core module', index, outer.coreCounts.module);
    scope.coreCounts.module++;
    scope.definitions.push({ kind: 'alias-outer-module', depth, index });
  } else invalid(reader, `an outer alias is of a ${sort}`);
}

function readImport(scope: ComponentScope, reader: BinaryReader): void {
  const name = readExternName(reader);
  const resources: ResourceSource[] = [];
  const fresh = (path: readonly string[], resource: string): ReturnType<ComponentScope['newResource']> => {
    const ref = scope.newResource(resource);
    resources.push({ slot: ref.slot, path });
    return ref;
  };
  const shape = readExternType(scope, reader, fresh, name);
  if (shape.sort === 'module') unsupportedPart('a core module that is imported');
  const definition = { kind: 'import', name, shape, resources } as const;
  scope.imports.push(definition);
  scope.definitions.push(definition);
  push(scope, shape);
}

function readExport(scope: ComponentScope, reader: BinaryReader): void {
  const name = readExternName(reader);
  const item = readSortIndex(scope, reader);
  const shape = shapeOf(scope, reader, item);
  // A type that is ascribed says less than what is known already.
  if (reader.byte() !== 0)
    readExternType(scope, reader, (_path, resource) => ({ slot: -1, name: resource }), name);
  const definition = { kind: 'export', name, shape, ...item } as const;
  scope.exports.push(definition);
  scope.definitions.push(definition);
  push(scope, shape, item.sort === 'component' ? scope.components[item.index] : undefined);
}

/** Adds a definition to the index space of its sort. */
function push(scope: ComponentScope, shape: ExternShape, component?: ComponentDefinition): void {
  switch (shape.sort) {
    case 'func':
      scope.functions.push(shape.type);
      return;
    case 'instance':
      scope.instances.push(shape.shape);
      return;
    case 'type':
      scope.types.push(shape.type);
      return;
    case 'component':
      scope.components.push(component);
      return;
    case 'module':
      scope.coreCounts.module++;
  }
}
