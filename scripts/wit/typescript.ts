import { camelCase } from '../../shims/canonical-abi/names.ts';
import { isPrimitive } from './resolver.ts';
import { interfaceName } from './type-names.ts';
import type { PrimitiveKind } from '../../shims/canonical-abi/types.ts';
import type { Declaration, Resolver } from './resolver.ts';
import type { WitFunction, WitInterface, WitType } from './syntax.ts';
import type { TypeNames } from './type-names.ts';

const PRIMITIVE_TYPES: Readonly<Record<PrimitiveKind, string>> = {
  bool: 'boolean',
  s8: 'number',
  u8: 'number',
  s16: 'number',
  u16: 'number',
  s32: 'number',
  u32: 'number',
  s64: 'bigint',
  u64: 'bigint',
  f32: 'number',
  f64: 'number',
  char: 'string',
  string: 'string',
};

/** Writes interfaces of WIT as interfaces of TypeScript, with the values that shims/canonical-abi/values.ts describes. */
export class TypeScriptWriter {
  readonly #resolver: Resolver;
  readonly #names: TypeNames;

  constructor(resolver: Resolver, names: TypeNames) {
    this.#resolver = resolver;
    this.#names = names;
  }

  /** @returns declarations of the types, and of the functions if there are any */
  interface(scope: WitInterface): string {
    const types = [...scope.types].map(([name, body]) => this.#declaration({ home: scope, name, body }));
    return [...types, this.#functions(scope)].filter((text) => text !== '').join('\n\n');
  }

  #declaration(declaration: Declaration): string {
    const { home, body } = declaration;
    const name = this.#names.of(declaration);
    const note = `/** \`${declaration.name}\` of ${home.path} */\n`;
    switch (body.kind) {
      case 'alias':
        return this.#isResource(home, body.type)
          ? ''
          : `${note}export type ${name} = ${this.#type(home, body.type)};`;
      case 'record': {
        const fields = body.fields.map(
          (field) => `readonly ${camelCase(field.name)}: ${this.#type(home, field.type)};`,
        );
        return `${note}export interface ${name} {\n${fields.join('\n')}\n}`;
      }
      case 'variant':
        return `${note}export type ${name} = ${this.#variant(declaration)};`;
      case 'enum':
        return `${note}export type ${name} = ${body.names.map(quoted).join(' | ')};`;
      case 'flags': {
        const bits = body.names.map((flag, index) => `${camelCase(flag)}: ${2 ** index}`);
        return `${note}export const ${name} = { ${bits.join(', ')} } as const;\nexport type ${name} = number;`;
      }
      case 'resource':
        return '';
    }
  }

  /** All cases without payload are one member of the union. */
  #variant({ home, body }: Declaration): string {
    const cases = body.kind === 'variant' ? body.cases : [];
    const bare = cases.filter(({ type }) => type === undefined).map(({ name }) => quoted(name));
    const members = cases.flatMap(({ name, type }) =>
      type === undefined ? [] : [`{ readonly tag: ${quoted(name)}; readonly val: ${this.#type(home, type)} }`],
    );
    if (bare.length > 0) members.unshift(`{ readonly tag: ${bare.join(' | ')} }`);
    return members.join(' | ');
  }

  #functions(scope: WitInterface): string {
    if (scope.functions.size === 0) return '';
    const functions = [...scope.functions].map(([name, type]) => this.#function(scope, name, type));
    const resources = new Set(
      [...scope.functions.values()].flatMap(({ params, result }) =>
        [...params.map(({ type }) => type), result].flatMap((type) => this.#resources(scope, type)),
      ),
    );
    const bound = [...resources].map((name) => `${key(name)}: object`).join('; ');
    const generic = resources.size > 0 ? `<R extends { ${bound} }>` : '';
    const name = interfaceName(scope.path);
    return `/** ${scope.path} */\nexport interface ${name}${generic} {\n${functions.join('\n')}\n}`;
  }

  #function(scope: WitInterface, name: string, { params, result }: WitFunction): string {
    const parameters = params.map((param) => `${parameterName(param.name)}: ${this.#type(scope, param.type)}`);
    const returned = result === undefined ? 'void' : this.#type(scope, result);
    return `${key(name)}: (${parameters.join(', ')}) => ${returned};`;
  }

  #type(scope: WitInterface, { name, args }: WitType): string {
    const declaration = this.#resolver.find(scope, name);
    if (declaration !== undefined) {
      const resource = this.#resourceName(declaration);
      return resource === undefined ? this.#names.of(declaration) : `R[${quoted(resource)}]`;
    }
    if (isPrimitive(name)) return PRIMITIVE_TYPES[name];
    const [first = 'undefined', second = 'undefined'] = args.map((arg) => arg && this.#type(scope, arg));
    switch (name) {
      case 'list':
        return args[0]?.name === 'u8' ? 'Uint8Array' : `readonly ${first.includes(' ') ? `(${first})` : first}[]`;
      case 'tuple':
        return `readonly [${args.map((arg) => arg && this.#type(scope, arg)).join(', ')}]`;
      case 'option':
        return `${first} | undefined`;
      case 'result':
        return args.length === 0 ? 'Result' : `Result<${first}, ${second}>`;
      case 'stream':
        return 'StreamSource';
      case 'future':
        return 'FutureSource';
      case 'borrow':
        return first;
      default:
        throw new Error(`no type of TypeScript for ${name}`);
    }
  }

  /** Through aliases: `headers` are `fields`. */
  #resourceName({ home, name, body }: Declaration): string | undefined {
    if (body.kind === 'resource') return name;
    if (body.kind !== 'alias') return undefined;
    const target = this.#resolver.find(home, body.type.name);
    return target && this.#resourceName(target);
  }

  #isResource(scope: WitInterface, type: WitType): boolean {
    return this.#resources(scope, type).length > 0;
  }

  #resources(scope: WitInterface, type: WitType | undefined): string[] {
    if (type === undefined) return [];
    const declaration = this.#resolver.find(scope, type.name);
    const resource = declaration && this.#resourceName(declaration);
    return [...(resource === undefined ? [] : [resource]), ...type.args.flatMap((arg) => this.#resources(scope, arg))];
  }
}

function quoted(text: string): string {
  return `'${text}'`;
}

function key(name: string): string {
  return /^\w+$/.test(name) ? name : quoted(name);
}

/** `this` as a parameter of TypeScript is something else. */
function parameterName(name: string): string {
  return name === 'this' ? 'self' : camelCase(name);
}
