import { describe, expect, test } from 'vitest';
import type { ValueType } from '../../../../shims/canonical-abi/types.ts';
import type { StreamSource } from '../../../../shims/canonical-abi/values.ts';
import { JsMismatch } from '../../../../src/engine/component/js-mismatch.ts';
import type { JsScope } from '../../../../src/engine/component/js-value-types.ts';
import { jsValuesOf } from '../../../../src/engine/component/js-values.ts';

const u8: ValueType = { kind: 'u8' };
const string: ValueType = { kind: 'string' };

const noScope: JsScope = {
  resourceToJs: (_kind, _ref, resource) => resource,
  resourceFromJs: (_kind, _ref, value) => value as object,
  fail(error) {
    throw error;
  },
  onEnd: () => () => undefined,
};

const RECORD: ValueType = {
  kind: 'record',
  fields: [
    { name: 'a-b', type: u8 },
    { name: 'c', type: { kind: 'option', some: string } },
  ],
};
const FLAGS: ValueType = { kind: 'flags', names: ['read-only', 'hidden', 'x'] };
const VARIANT: ValueType = { kind: 'variant', cases: [{ name: 'none' }, { name: 'some', type: u8 }] };
const NESTED: ValueType = { kind: 'option', some: { kind: 'option', some: u8 } };

describe('both ways', () => {
  test.each<[string, ValueType, value: unknown, js: unknown]>([
    ['a record', RECORD, { aB: 1, c: 'x' }, { aB: 1, c: 'x' }],
    ['a tuple', { kind: 'tuple', elements: [u8, string] }, [1, 'x'], [1, 'x']],
    ['flags', FLAGS, 0b101, { readOnly: true, hidden: false, x: true }],
    ['a variant with a payload', VARIANT, { tag: 'some', val: 3 }, { tag: 'some', val: 3 }],
    ['a variant without one', VARIANT, { tag: 'none' }, { tag: 'none' }],
    ['an option of an option', NESTED, { tag: 'some', val: undefined }, { tag: 'some', val: undefined }],
    [
      'a result',
      { kind: 'result', ok: FLAGS, error: string },
      { tag: 'ok', val: 2 },
      { tag: 'ok', val: { readOnly: false, hidden: true, x: false } },
    ],
    ['an enum', { kind: 'enum', names: ['left', 'right'] }, 'right', 'right'],
    ['bytes', { kind: 'list', element: u8 }, Uint8Array.of(1, 2), Uint8Array.of(1, 2)],
    ['a list of strings', { kind: 'list', element: string }, ['a', 'b'], ['a', 'b']],
    ['a character beyond the first plane', { kind: 'char' }, '😀', '😀'],
    ['the least s64', { kind: 's64' }, -(2n ** 63n), -(2n ** 63n)],
  ])('%s', (_what, type, value, js) => {
    const values = jsValuesOf(type);
    expect(values.toJs(value, noScope)).toEqual(js);
    expect(values.fromJs(js, noScope)).toEqual(value);
  });

  test.each<[ValueType['kind'], unknown]>([
    ['s8', Int8Array.of(-1)],
    ['u16', Uint16Array.of(1)],
    ['s32', Int32Array.of(-7)],
    ['u64', BigUint64Array.of(7n)],
    ['f32', Float32Array.of(0.5)],
    ['f64', Float64Array.of(0.1)],
  ])('a list of %s is a typed array', (kind, array) => {
    const values = jsValuesOf({ kind: 'list', element: { kind } as ValueType });
    const list = values.fromJs(array, noScope);
    expect(Array.isArray(list)).toBe(true);
    expect(values.toJs(list, noScope)).toEqual(array);
  });
});

test('numbers will do for 64-bit integers, arrays for bytes, null for none', () => {
  expect(jsValuesOf({ kind: 'u64' }).fromJs(7, noScope)).toBe(7n);
  expect(jsValuesOf({ kind: 'list', element: u8 }).fromJs([1, 255], noScope)).toEqual(Uint8Array.of(1, 255));
  expect(jsValuesOf({ kind: 'option', some: u8 }).fromJs(null, noScope)).toBeUndefined();
});

test('bytes of the embedder are copied: a guest must not get them while they change', () => {
  const bytes = Uint8Array.of(1);
  const given = jsValuesOf({ kind: 'list', element: u8 }).fromJs(bytes, noScope);
  bytes[0] = 2;
  expect(given).toEqual(Uint8Array.of(1));
});

describe('what is not of the type', () => {
  test.each<[ValueType, unknown, string]>([
    [u8, 256, 'expected an integer from 0 to 255, found a value of type number'],
    [u8, 1.5, 'expected an integer'],
    [{ kind: 's64' }, 2n ** 63n, 'expected a bigint'],
    [{ kind: 'bool' }, 1, 'expected a boolean'],
    [{ kind: 'char' }, 'ab', 'expected one character'],
    [{ kind: 'char' }, '\ud800', 'expected one character'],
    [string, 7, 'expected a string'],
    [RECORD, null, 'expected an object, found null'],
    [RECORD, { aB: 1, c: 2 }, 'c: expected a string'],
    [{ kind: 'list', element: RECORD }, [{ aB: 1 }, { aB: -1 }], '1.aB: expected an integer'],
    [{ kind: 'tuple', elements: [u8, u8] }, [1], 'expected an array of 2, found an array of 1'],
    [{ kind: 'list', element: u8, length: 2 }, [1], 'expected an array of 2'],
    [VARIANT, { tag: 'other' }, 'expected an object with a tag of "none", "some"'],
    [VARIANT, { tag: 'some', val: 'x' }, 'some: expected an integer'],
    [{ kind: 'enum', names: ['a'] }, 'constructor', 'expected one of "a"'],
    [{ kind: 'stream', element: u8 }, 7, 'expected an async iterable'],
  ])('row %#', (type, js, message) => {
    expect(() => jsValuesOf(type).fromJs(js, noScope)).toThrow(JsMismatch);
    expect(() => jsValuesOf(type).fromJs(js, noScope)).toThrow(message);
  });

  test('is not quoted: it may be a secret', () => {
    expect(() => jsValuesOf(u8).fromJs('hunter2', noScope)).toThrow(/^(?!.*hunter2)/);
  });
});

describe('streams and futures', () => {
  async function collect(values: AsyncIterable<unknown>): Promise<unknown[]> {
    const all: unknown[] = [];
    for await (const value of values) all.push(value);
    return all;
  }

  test('what the embedder iterates over comes out on the other side', async () => {
    const values = jsValuesOf({ kind: 'stream', element: FLAGS });
    const source = values.fromJs([{ readOnly: true }, { x: true }], noScope) as StreamSource;
    expect(await collect(values.toJs(source, noScope) as AsyncIterable<unknown>)).toEqual([
      { readOnly: true, hidden: false, x: false },
      { readOnly: false, hidden: false, x: true },
    ]);
  });

  test('a stream of bytes has chunks', async () => {
    const values = jsValuesOf({ kind: 'stream', element: u8 });
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield Uint8Array.of(1, 2);
      yield Uint8Array.of(3);
    }
    const source = values.fromJs(chunks(), noScope) as StreamSource;
    const all = await collect(values.toJs(source, noScope) as AsyncIterable<unknown>);
    expect(all.flatMap((chunk) => [...(chunk as Uint8Array)])).toEqual([1, 2, 3]);
  });

  test('who stops iterating ends the other side', async () => {
    const values = jsValuesOf({ kind: 'stream', element: u8 });
    let closed = false;
    async function* chunks(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Uint8Array.of(1);
      } finally {
        closed = true;
      }
    }
    const stream = values.toJs(values.fromJs(chunks(), noScope), noScope) as AsyncIterable<unknown>;
    for await (const _chunk of stream) break;
    await expect.poll(() => closed).toBe(true);
  });

  test('a future is a promise', async () => {
    const values = jsValuesOf({ kind: 'future', element: FLAGS });
    const future = values.fromJs(Promise.resolve({ hidden: true }), noScope);
    expect(await values.toJs(future, noScope)).toEqual({ readOnly: false, hidden: true, x: false });
  });

  test('a promise that fails ends the instance: a future cannot', async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    jsValuesOf({ kind: 'future', element: u8 }).fromJs(Promise.reject(new Error('no')), {
      ...noScope,
      fail: resolve,
    });
    expect(await promise).toEqual(new Error('no'));
  });
});
