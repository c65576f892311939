import type {
  FunctionType,
  RecordField,
  ResourceRef,
  ValueType,
} from '../../../shims/canonical-abi/types.ts';

/** An expression of the text format of WebAssembly. Strings keep their quotes. */
type Wat = string | readonly Wat[];

/** What an index of types stands for. */
type Known = ValueType | FunctionType | { readonly kind: 'resource'; readonly resource: ResourceRef };

/** Types by index and by `$name`. */
class TypeSpace {
  readonly #types: Known[] = [];
  readonly #byName = new Map<string, Known>();

  get size(): number {
    return this.#types.length;
  }

  add(type: Known, name?: Wat): void {
    this.#types.push(type);
    if (typeof name === 'string' && name.startsWith('$')) this.#byName.set(name, type);
  }

  get(reference: Wat): Known {
    const known = this.#byName.get(String(reference)) ?? this.#types[Number(reference)];
    if (known === undefined) throw new Error(`no type ${JSON.stringify(reference)}`);
    return known;
  }
}

/**
 * Reads what a component imports, from the text that the tools print of it.
 *
 * @returns types of functions by `interface#function`, without versions
 */
export function importedFunctions(text: string): ReadonlyMap<string, FunctionType> {
  const [component] = readAll(text);
  const types = new TypeSpace();
  const interfaces = new Map<string, Interface>();
  const imported = new Map<string, FunctionType>();
  for (const item of list(component)) {
    const [keyword, first, second] = list(item);
    if (keyword === 'type') {
      // Types of instances only: the index is taken all the same.
      interfaces.set(String(first), readInterface(list(second), types));
      types.add({ kind: 'bool' });
    } else if (keyword === 'import') {
      const [kind, name, reference] = list(second);
      if (kind !== 'instance') continue;
      const found = interfaces.get(String(list(reference)[1])) as Interface;
      interfaces.set(String(name), found);
      for (const [func, type] of found.functions)
        imported.set(`${unquoted(first).replace(/@.*/, '')}#${func}`, type);
    } else if (keyword === 'alias' && first === 'export') {
      const [, , instance, exported, target] = list(item);
      const type = interfaces.get(String(instance))?.types.get(unquoted(exported));
      if (type !== undefined) types.add(type, list(target)[1]);
    }
  }
  return imported;
}

interface Interface {
  readonly types: ReadonlyMap<string, Known>;
  readonly functions: ReadonlyMap<string, FunctionType>;
}

function readInterface(instance: readonly Wat[], outer: TypeSpace): Interface {
  const space = new TypeSpace();
  const types = new Map<string, Known>();
  const functions = new Map<string, FunctionType>();
  for (const item of instance.slice(1)) {
    const [keyword, first, second, third, fourth] = list(item);
    if (keyword === 'type') space.add(readType(first as Wat, space));
    else if (keyword === 'alias' && first === 'outer') space.add(outer.get(third as Wat), list(fourth)[1]);
    else if (keyword === 'export') {
      const [kind, definition] = list(second);
      const name = unquoted(first);
      if (kind === 'func') {
        functions.set(name, space.get(list(definition)[1] as Wat) as FunctionType);
        continue;
      }
      const [bound, target] = list(definition);
      const type: Known =
        bound === 'eq'
          ? space.get(target as Wat)
          : { kind: 'resource', resource: { slot: space.size, name } };
      space.add(type);
      types.set(name, type);
    }
  }
  return { types, functions };
}

function readType(type: Wat, space: TypeSpace): Known {
  if (typeof type === 'string') return /^\d|^\$/.test(type) ? space.get(type) : ({ kind: type } as ValueType);
  const [kind, ...rest] = type;
  const of = (part: Wat | undefined): ValueType => readType(part as Wat, space) as ValueType;
  const named = (part: Wat): RecordField => {
    const [, name, of_] = list(part);
    return { name: unquoted(name), type: of(of_) };
  };
  switch (kind) {
    case 'func': {
      const params = rest.filter((part) => list(part)[0] === 'param').map(named);
      const result = rest.find((part) => list(part)[0] === 'result');
      const async = rest[0] === 'async';
      return { params, async, ...(result && { result: of(list(result)[1]) }) };
    }
    case 'list':
    case 'stream':
    case 'future':
      return (rest.length > 0 ? { kind, element: of(rest[0]) } : { kind }) as ValueType;
    case 'option':
      return { kind, some: of(rest[0]) };
    case 'tuple':
      return { kind, elements: rest.map(of) };
    case 'record':
      return { kind, fields: rest.map(named) };
    case 'variant':
      return {
        kind,
        cases: rest.map((part) => (list(part).length > 2 ? named(part) : { name: unquoted(list(part)[1]) })),
      };
    case 'enum':
    case 'flags':
      return { kind, names: rest.map(unquoted) };
    case 'result': {
      const error = rest.find((part) => Array.isArray(part) && part[0] === 'error');
      const ok = rest.find((part) => part !== error);
      return { kind, ...(ok && { ok: of(ok) }), ...(error && { error: of(list(error)[1]) }) };
    }
    case 'own':
    case 'borrow': {
      const target = space.get(rest[0] as Wat) as { readonly resource: ResourceRef };
      return { kind, resource: target.resource };
    }
    default:
      throw new Error(`no type: ${JSON.stringify(type)}`);
  }
}

function readAll(text: string): Wat[] {
  const tokens = text.matchAll(/\(;[\s\S]*?;\)|;;[^\n]*|[()]|\$?"(?:[^"\\]|\\.)*"|[^\s()";]+/g);
  const stack: Wat[][] = [[]];
  for (const [token] of tokens) {
    const top = stack.at(-1) as Wat[];
    if (token === '(') stack.push([]);
    else if (token === ')') (stack.at(-2) as Wat[]).push(stack.pop() as Wat[]);
    else if (!token.startsWith('(;') && !token.startsWith(';;')) top.push(token);
  }
  return stack[0] as Wat[];
}

function list(expression: Wat | undefined): readonly Wat[] {
  return typeof expression === 'string' || expression === undefined ? [] : expression;
}

function unquoted(text: Wat | undefined): string {
  return String(text).replaceAll('"', '');
}
