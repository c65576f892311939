import type { ResourceRef } from '../../../shims/canonical-abi/types.ts';
import type { BinaryReader } from '../binary-reader.ts';
import { readFunctionType, readDefinedType, readVector } from './decode-value-types.ts';
import type { ExternShape, FreshResource, InstanceShape, TypeDefinition } from './definition.ts';
import { entry, functionTypeAt, invalid, Scope, unsupportedPart } from './scope.ts';
import { Substitution } from './substitute.ts';

/** Types of components and instances inside each other. */
const MAX_DEPTH = 32;

/** Instance and component types are scopes of their own; what is exported from one is a new type for those after it. */
export function readType(scope: Scope, reader: BinaryReader, depth = 0): TypeDefinition {
  if (depth > MAX_DEPTH) unsupportedPart(`types of instances nested more than ${MAX_DEPTH} deep`);
  const code = reader.byte();
  switch (code) {
    case 0x40:
    case 0x43:
      return { kind: 'func', type: readFunctionType(scope, reader, code === 0x43) };
    case 0x41:
      new TypeScope(scope).readDeclarations(reader, depth);
      return { kind: 'component' };
    case 0x42: {
      const inner = new TypeScope(scope);
      inner.readDeclarations(reader, depth);
      return { kind: 'instance', shape: { exports: inner.exports }, fresh: inner.fresh };
    }
    case 0x3f:
      return invalid(reader, 'a resource type is defined in the type of an instance or component');
    default:
      return { kind: 'value', type: readDefinedType(scope, reader, code) };
  }
}

class TypeScope extends Scope {
  readonly exports = new Map<string, ExternShape>();
  readonly fresh: FreshResource[] = [];

  readDeclarations(reader: BinaryReader, depth: number): void {
    readVector(reader, () => this.#readDeclaration(reader, depth));
  }

  #readDeclaration(reader: BinaryReader, depth: number): void {
    const code = reader.byte();
    switch (code) {
      case 0x00:
        unsupportedPart('a type of core modules');
        return;
      case 0x01:
        this.types.push(readType(this, reader, depth + 1));
        return;
      case 0x02:
        readTypeAlias(this, reader);
        return;
      case 0x03:
      case 0x04:
        this.#readExtern(reader, code === 0x04);
        return;
      default:
        invalid(reader, `0x${code.toString(16)} begins no declaration`);
    }
  }

  #readExtern(reader: BinaryReader, isExport: boolean): void {
    const name = readExternName(reader);
    const shape = readExternType(
      this,
      reader,
      (path, resource) => {
        const ref: ResourceRef = { slot: -1, name: resource };
        this.fresh.push({ ref, path: [name, ...path] });
        return ref;
      },
      name,
    );
    push(this, shape);
    if (isExport) this.exports.set(name, shape);
  }
}

/** Adds what a name stands for to the index space of its sort; functions and components have none in a type. */
function push(scope: Scope, shape: ExternShape): void {
  if (shape.sort === 'type') scope.types.push(shape.type);
  else if (shape.sort === 'instance') scope.instances.push(shape.shape);
}

/**
 * What an import or export is.
 *
 * @param fresh makes the resource types that come with it, each under the names that lead to it from here
 * @param name of the import or export
 */
export function readExternType(
  scope: Scope,
  reader: BinaryReader,
  fresh: (path: readonly string[], name: string) => ResourceRef,
  name: string,
): ExternShape {
  const code = reader.byte();
  switch (code) {
    case 0x00:
      reader.byte();
      reader.unsigned();
      return { sort: 'module' };
    case 0x01:
      return { sort: 'func', type: functionTypeAt(scope, reader, reader.unsigned()) };
    case 0x02:
      return unsupportedPart('a value that is imported or exported');
    case 0x03:
      if (reader.byte() === 0x00)
        return { sort: 'type', type: entry(reader, 'type', reader.unsigned(), scope.types) };
      return { sort: 'type', type: { kind: 'resource', ref: fresh([], name) } };
    case 0x04:
      reader.unsigned();
      return { sort: 'component' };
    case 0x05:
      return { sort: 'instance', shape: instanceOf(scope, reader, fresh) };
    default:
      return invalid(reader, `0x${code.toString(16)} is no kind of import or export`);
  }
}

/** One instance of an instance type: its resource types are new ones. */
function instanceOf(
  scope: Scope,
  reader: BinaryReader,
  fresh: (path: readonly string[], name: string) => ResourceRef,
): InstanceShape {
  const index = reader.unsigned();
  const type = entry(reader, 'type', index, scope.types);
  if (type.kind !== 'instance') return invalid(reader, `type ${index} is no type of instances`);
  const made = new Map(
    type.fresh.map(({ ref, path }) => [ref, fresh(path, path.at(-1) ?? ref.name)] as const),
  );
  return new Substitution((ref) => made.get(ref) ?? ref, scope.work).instance(type.shape);
}

/** An alias among types: of an export of an instance, or of what is further out. */
export function readTypeAlias(scope: Scope, reader: BinaryReader): void {
  const sort = reader.byte();
  if (sort === 0x00) unsupportedPart('an alias of a core type');
  const target = reader.byte();
  if (target === 0x00) {
    const instance = entry(reader, 'instance', reader.unsigned(), scope.instances);
    const name = reader.name();
    push(
      scope,
      instance.exports.get(name) ?? invalid(reader, `an instance has no export ${JSON.stringify(name)}`),
    );
    return;
  }
  if (target !== 0x02 || sort !== 0x03)
    invalid(reader, 'an alias in a type is of neither a type nor an instance');
  scope.types.push(readOuterType(scope, reader));
}

/**
 * A type of a scope further out. What is further out than the component knows other resource types by the same slots, so such
 * types are refused, as the specification has it.
 */
export function readOuterType(scope: Scope, reader: BinaryReader): TypeDefinition {
  const depth = reader.unsigned();
  const { scope: outer, crosses } = scope.outer(depth, reader);
  const type = entry(reader, 'type', reader.unsigned(), outer.types);
  if (crosses && mentionsResource(scope, type))
    invalid(reader, 'an alias takes a resource type out of another component');
  return type;
}

/** Those that an instance brings along are not meant. */
function mentionsResource(scope: Scope, type: TypeDefinition): boolean {
  const own = new Set(type.kind === 'instance' ? type.fresh.map(({ ref }) => ref) : []);
  let found = false;
  const look = new Substitution((ref) => {
    found ||= !own.has(ref);
    return ref;
  }, scope.work);
  look.definition(type);
  return found;
}

/** A name of an import or export, in any of its three forms; attributes say nothing that matters here. */
export function readExternName(reader: BinaryReader): string {
  const form = reader.byte();
  if (form > 0x02) invalid(reader, `a name is written in form ${form}`);
  const name = reader.name();
  if (form === 0x02) unsupportedPart('a name with attributes');
  return name;
}
