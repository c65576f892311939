import { describe, expect, test } from 'vitest';
import { readWit } from '../../../scripts/wit/reader.ts';
import { Resolver } from '../../../scripts/wit/resolver.ts';
import { TypeNames } from '../../../scripts/wit/type-names.ts';
import { TypeScriptWriter } from '../../../scripts/wit/typescript.ts';
import { typeText } from '../../../shims/canonical-abi/type-text.ts';

const OTHER = `package a:other@0.3.0;
interface types {
  resource thing { get: async func() -> u8; }
  type things = list<thing>;
}`;

/** The interface `a:b/c` with `body`, beside `a:other/types`. */
function interfaceOf(body: string): Resolver {
  return new Resolver([readWit(`package a:b@0.3.0;\ninterface c { ${body} }`), readWit(OTHER)]);
}

function scopeOf(resolver: Resolver) {
  const scope = resolver.interfaces.get('a:b/c');
  if (scope === undefined) throw new Error('there is no a:b/c');
  return scope;
}

function signatureOf(body: string, name: string): string | undefined {
  const resolver = interfaceOf(body);
  const scope = scopeOf(resolver);
  const type = scope.functions.get(name);
  return type && typeText(resolver.functionType(scope, type));
}

function typeScriptOf(body: string): string {
  const resolver = interfaceOf(body);
  return new TypeScriptWriter(resolver, new TypeNames(resolver)).interface(scopeOf(resolver));
}

describe('reading', () => {
  test('comments, gates, worlds and keywords as names are no hindrance', () => {
    const text = `
      /// about it
      package a:b@0.3.0;
      world w { import x: interface { f: func(); } export c; }
      @unstable(feature = later)
      interface c {
        /* a block */
        @since(version = 0.3.0) @deprecated(version = 0.4.0)
        use: func(%type: u8, %list: list<u8>,) -> result<_, string>;
      }`;
    const [scope] = readWit(text).interfaces;
    expect(scope?.functions.get('use')).toEqual({
      async: false,
      params: [
        { name: 'type', type: { name: 'u8', args: [] } },
        { name: 'list', type: { name: 'list', args: [{ name: 'u8', args: [] }] } },
      ],
      result: { name: 'result', args: [undefined, { name: 'string', args: [] }] },
    });
  });

  test.each([
    ['interface c { f: func() }', 'expected ;, found }'],
    ['interface c { f: func(', 'ends too early'],
    ['interface c { union x {} }', 'found union'],
    ['include d;', 'expected an interface or a world, found include'],
    ['interface c { f: func(#) }', 'no token of WIT: #'],
  ])('%s is refused', (text, message) => {
    expect(() => readWit(`package a:b; ${text}`)).toThrow(message);
  });
});

describe('types', () => {
  test('names are followed through aliases and other interfaces', () => {
    const body = `
      use a:other/types@0.3.0.{things, thing as item};
      type items = option<item>;
      f: async func(all: things, each: items, one: borrow<item>) -> tuple<stream<item>, future>;`;
    expect(signatureOf(body, 'f')).toBe(
      'async func(all: list<own<thing>>, each: option<own<thing>>, one: borrow<thing>) -> ' +
        'tuple<stream<own<thing>>, future>',
    );
  });

  test('functions of resources are named as in a component', () => {
    const body = 'resource r { constructor(n: u8); get: func() -> u8; make: static async func() -> r; }';
    expect(signatureOf(body, '[constructor]r')).toBe('func(n: u8) -> own<r>');
    expect(signatureOf(body, '[method]r.get')).toBe('func(self: borrow<r>) -> u8');
    expect(signatureOf(body, '[static]r.make')).toBe('async func() -> own<r>');
  });

  test('an unknown name is refused', () => {
    expect(() => signatureOf('f: func(a: nothing);', 'f')).toThrow('a:b/c has no type nothing');
    expect(() => signatureOf('f: func(a: borrow<u8>);', 'f')).toThrow('only resources are borrowed');
  });
});

describe('TypeScript', () => {
  test.each([
    ['enum e { one, two-three }', "export type E = 'one' | 'two-three';"],
    ['record r { a-b: u64 }', 'export interface R {\nreadonly aB: bigint;\n}'],
    ['flags f { one-two, three }', 'export const F = { oneTwo: 1, three: 2 } as const;'],
    [
      'variant v { a, b(list<option<u8>>), c }',
      "export type V = { readonly tag: 'a' | 'c' } | { readonly tag: 'b'; readonly val: readonly (number | undefined)[] };",
    ],
    [
      'resource r; f: func(a: borrow<r>) -> list<u8>;',
      "export interface BC<R extends { r: object }> {\nf: (a: R['r']) => Uint8Array;",
    ],
    [
      'f: func(this: result<u8>) -> result<_, char>;',
      'f: (self: Result<number, undefined>) => Result<undefined, string>;',
    ],
  ])('%s', (body, text) => {
    expect(typeScriptOf(body)).toContain(text);
  });

  test('a name of two interfaces gets the interface in front', () => {
    expect(typeScriptOf('type things = u8;')).toContain('export type CThings = number;');
  });
});
