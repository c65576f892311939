import { expect, test } from 'vitest';
import { sameType, typeText } from '../../../../shims/canonical-abi/type-text.ts';
import type { FunctionType, ValueType } from '../../../../shims/canonical-abi/types.ts';

const u8: ValueType = { kind: 'u8' };
const r = { slot: 0, name: 'thing' };

test.each<[ValueType, string]>([
  [u8, 'u8'],
  [{ kind: 'list', element: u8 }, 'list<u8>'],
  [{ kind: 'list', element: u8, length: 4 }, 'list<u8, 4>'],
  [{ kind: 'tuple', elements: [u8, { kind: 'string' }] }, 'tuple<u8, string>'],
  [{ kind: 'record', fields: [{ name: 'a-b', type: u8 }] }, 'record { a-b: u8 }'],
  [{ kind: 'variant', cases: [{ name: 'x', type: u8 }, { name: 'Y' }] }, 'variant { x(u8), Y }'],
  [{ kind: 'enum', names: ['a', 'b'] }, 'enum { a, b }'],
  [{ kind: 'flags', names: ['a'] }, 'flags { a }'],
  [{ kind: 'option', some: { kind: 'char' } }, 'option<char>'],
  [{ kind: 'result' }, 'result'],
  [{ kind: 'result', ok: u8 }, 'result<u8>'],
  [{ kind: 'result', error: u8 }, 'result<_, u8>'],
  [{ kind: 'result', ok: u8, error: u8 }, 'result<u8, u8>'],
  [{ kind: 'own', resource: r }, 'own<thing>'],
  [{ kind: 'borrow', resource: r }, 'borrow<thing>'],
  [{ kind: 'stream' }, 'stream'],
  [{ kind: 'future', element: { kind: 'stream', element: u8 } }, 'future<stream<u8>>'],
])('%j is %s', (type, text) => {
  expect(typeText(type)).toBe(text);
});

test('functions', () => {
  const type: FunctionType = { params: [{ name: 'a', type: u8 }], async: false };
  expect(typeText(type)).toBe('func(a: u8)');
  expect(typeText({ params: [], result: u8, async: true })).toBe('async func() -> u8');
});

test('resources are the same by name, or as the caller says', () => {
  const a: ValueType = { kind: 'own', resource: { slot: 1, name: 'thing' } };
  const b: ValueType = { kind: 'own', resource: { slot: 2, name: 'thing' } };
  expect(sameType(a, b)).toBe(true);
  expect(sameType(a, b, (x, y) => x.slot === y.slot)).toBe(false);
  expect(sameType(a, { kind: 'borrow', resource: r })).toBe(false);
});

test('no type is the same as none only', () => {
  expect(sameType(undefined, undefined)).toBe(true);
  expect(sameType(u8, undefined)).toBe(false);
});

test('a type whose text would fill the memory of the host has the start of it, and is compared in no time', () => {
  const double = (): ValueType => {
    let type: ValueType = u8;
    for (let i = 0; i < 200; i++) type = { kind: 'tuple', elements: [type, type] };
    return type;
  };
  expect(typeText(double())).toMatch(/^tuple<tuple<.*…$/);
  expect(typeText(double()).length).toBeLessThan(20_000);
  expect(sameType(double(), double())).toBe(true);
});
