import type { PrimitiveKind, RecordField, ValueType, VariantCase } from '../../shims/canonical-abi/types.ts';
import type { FunctionType } from '../../shims/canonical-abi/types.ts';
import type { WitField, WitFunction, WitInterface, WitPackage, WitType, WitTypeBody } from './syntax.ts';

/** A type where it is declared, after all `use`. */
export interface Declaration {
  readonly home: WitInterface;
  readonly name: string;
  readonly body: WitTypeBody;
}

const PRIMITIVES: ReadonlySet<string> = new Set<PrimitiveKind>([
  'bool',
  's8',
  'u8',
  's16',
  'u16',
  's32',
  'u32',
  's64',
  'u64',
  'f32',
  'f64',
  'char',
  'string',
]);

export function isPrimitive(name: string): name is PrimitiveKind {
  return PRIMITIVES.has(name);
}

/** What names of some packages stand for. */
export class Resolver {
  readonly interfaces: ReadonlyMap<string, WitInterface>;
  readonly #slots = new Map<WitTypeBody, number>();

  constructor(packages: readonly WitPackage[]) {
    const all = packages.flatMap(({ interfaces }) => interfaces);
    this.interfaces = new Map(all.map((each) => [each.path, each]));
  }

  /** @returns undefined for a name that is WIT's own */
  find(scope: WitInterface, name: string): Declaration | undefined {
    const use = scope.uses.get(name);
    if (use !== undefined) return this.find(this.#interface(use.path), use.name);
    const body = scope.types.get(name);
    return body && { home: scope, name, body };
  }

  #interface(path: string): WitInterface {
    const found = this.interfaces.get(path);
    if (found === undefined) throw new Error(`there is no interface ${path}`);
    return found;
  }

  functionType(scope: WitInterface, { params, result, async }: WitFunction): FunctionType {
    const fields = this.#fields(scope, params);
    return result === undefined
      ? { params: fields, async }
      : { params: fields, result: this.type(scope, result), async };
  }

  type(scope: WitInterface, { name, args }: WitType): ValueType {
    const declaration = this.find(scope, name);
    if (declaration !== undefined) return this.declared(declaration);
    if (isPrimitive(name)) return { kind: name };
    const [first, second] = args.map((arg) => arg && this.type(scope, arg));
    switch (name) {
      case 'list':
        return { kind: name, element: given(first) };
      case 'option':
        return { kind: name, some: given(first) };
      case 'tuple':
        return { kind: name, elements: args.map((arg) => this.type(scope, given(arg))) };
      case 'result':
        return { kind: name, ...(first && { ok: first }), ...(second && { error: second }) };
      case 'stream':
      case 'future':
        return { kind: name, ...(first && { element: first }) };
      case 'borrow':
        return { kind: name, resource: resourceOf(given(first)) };
      default:
        throw new Error(`${scope.path} has no type ${name}`);
    }
  }

  declared({ home, name, body }: Declaration): ValueType {
    switch (body.kind) {
      case 'alias':
        return this.type(home, body.type);
      case 'record':
        return { kind: 'record', fields: this.#fields(home, body.fields) };
      case 'variant':
        return { kind: 'variant', cases: body.cases.map((each) => this.#case(home, each)) };
      case 'enum':
      case 'flags':
        return { kind: body.kind, names: body.names };
      case 'resource': {
        const slot = this.#slots.get(body) ?? this.#slots.size;
        this.#slots.set(body, slot);
        return { kind: 'own', resource: { slot, name } };
      }
    }
  }

  #fields(scope: WitInterface, fields: readonly WitField[]): RecordField[] {
    return fields.map(({ name, type }) => ({ name, type: this.type(scope, type) }));
  }

  #case(scope: WitInterface, { name, type }: { name: string; type?: WitType }): VariantCase {
    return type === undefined ? { name } : { name, type: this.type(scope, type) };
  }
}

function resourceOf(type: ValueType): (ValueType & { kind: 'own' })['resource'] {
  if (type.kind !== 'own') throw new Error(`only resources are borrowed, not ${type.kind}`);
  return type.resource;
}

function given<T>(argument: T | undefined): T {
  if (argument === undefined) throw new Error('a type lacks an argument');
  return argument;
}
