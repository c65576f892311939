import { describe, expect, test } from 'vitest';
import { InstanceError, LinkError } from '../../../../src/errors.ts';
import { translate } from '../../../../src/engine/translate.ts';
import { plainExecutor } from '../../../../src/virtual/executor.ts';
import { watGuest } from '../../../guests/index.ts';
import { testHost } from '../../../support/host.ts';
import { linkerOf } from './components.ts';

/** Exports `twice` of an interface and `plain`; imports two functions of an interface of the embedder's. */
const KEY_VALUE = `(component
  (import "acme:kv/store@1.2.3" (instance $kv
    (export "get" (func (param "key" u32) (result u32)))
    (export "size-of" (func (param "key" u32) (result u32)))))
  (core module $m
    (import "kv" "get" (func $get (param i32) (result i32)))
    (import "kv" "size" (func $size (param i32) (result i32)))
    (func (export "twice") (param i32) (result i32) (i32.add (call $get (local.get 0)) (call $get (local.get 0))))
    (func (export "plain") (param i32) (result i32) (call $size (local.get 0))))
  (core func $get (canon lower (func $kv "get")))
  (core func $size (canon lower (func $kv "size-of")))
  (core instance $i (instantiate $m (with "kv" (instance (export "get" (func $get)) (export "size" (func $size))))))
  (func $twice (param "key" u32) (result u32) (canon lift (core func $i "twice")))
  (func $plain (param "key" u32) (result u32) (canon lift (core func $i "plain")))
  (instance $e (export "get-twice" (func $twice)))
  (export "acme:kv/twice@1.2.3" (instance $e))
  (export "plain" (func $plain)))`;

interface Exports {
  readonly plain: (key: number) => Promise<number>;
  readonly twice: { readonly getTwice: (key: number) => Promise<number> };
}

async function link(imports: Readonly<Record<string, object>>): Promise<Exports> {
  const linker = await linkerOf(await watGuest(KEY_VALUE));
  const { host } = testHost();
  return linker.link({ host, executor: plainExecutor, imports }).exports as unknown as Exports;
}

describe('functions of the embedder', () => {
  test.each(['acme:kv/store', 'acme:kv/store@1.2.3'])('are found as %s', async (name) => {
    const exports = await link({
      [name]: { get: (key: number) => key * 10, sizeOf: (key: number) => key + 1 },
    });
    expect(await exports.twice.getTwice(3)).toBe(60);
    expect(await exports.plain(3)).toBe(4);
  });

  test('that are missing are all named', async () => {
    const missing = async (imports: Readonly<Record<string, object>>): Promise<unknown> => {
      const error = await link(imports).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(LinkError);
      return (error as LinkError).missing;
    };
    expect(await missing({})).toEqual(['acme:kv/store.get', 'acme:kv/store.sizeOf']);
    expect(await missing({ 'acme:kv/store': {} })).toEqual(['acme:kv/store.get', 'acme:kv/store.sizeOf']);
    expect(await missing({ 'acme:kv/store': { get: () => 1 } })).toEqual(['acme:kv/store.sizeOf']);
  });

  test('of the world itself are given as functions', async () => {
    const linker = await linkerOf(
      await watGuest(`(component
        (import "constructor" (func $f (param "key" u32) (result u32)))
        (core module $m
          (import "" "f" (func $f (param i32) (result i32)))
          (func (export "run") (param i32) (result i32) (call $f (local.get 0))))
        (core func $f (canon lower (func $f)))
        (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
        (func $run (param "key" u32) (result u32) (canon lift (core func $i "run")))
        (export "call" (func $run)))`),
    );
    const { host } = testHost();
    expect(() => linker.link({ host, executor: plainExecutor })).toThrow(
      expect.objectContaining({ missing: ['constructor'] }),
    );
    const linked = linker.link({
      host,
      executor: plainExecutor,
      imports: { constructor: (key: number) => key + 1 },
    });
    expect(await (linked.exports as { call: (key: number) => Promise<number> }).call(4)).toBe(5);
  });

  test('that fail reject the call', async () => {
    const exports = await link({
      'acme:kv/store': {
        get: () => {
          throw new Error('no such key');
        },
        sizeOf: () => 0,
      },
    });
    await expect(exports.twice.getTwice(1)).rejects.toThrow('no such key');
  });

  test('that answer a promise are refused at the call, not taken for a number', async () => {
    const exports = await link({ 'acme:kv/store': { get: async () => 1, sizeOf: () => 0 } });
    await expect(exports.twice.getTwice(1)).rejects.toThrow(InstanceError);
  });
});

test('a component that defines WASI functions otherwise is refused', async () => {
  const linker = await linkerOf(
    await watGuest(`(component
      (import "wasi:cli/stdout@0.2.0" (instance $stdout (export "get-stdout" (func (result u32)))))
      (core func $get (canon lower (func $stdout "get-stdout")))
      (core module $m (import "" "f" (func $f (result i32))) (func (export "run") (result i32) (call $f)))
      (core instance $i (instantiate $m (with "" (instance (export "f" (func $get))))))
      (func $run (result u32) (canon lift (core func $i "run")))
      (export "run" (func $run)))`),
  );
  expect(() => linker.link({ host: testHost().host, executor: plainExecutor })).toThrow(LinkError);
});

describe("names that would become code in jco's glue", () => {
  const injection = `x'];globalThis.pwned=true;['x`;

  const hostile: readonly [where: string, text: string][] = [
    [
      'a core export',
      `(component
        (core module $m (func (export "${injection}") (result i32) i32.const 0))
        (core instance $i (instantiate $m))
        (func $f (result u32) (canon lift (core func $i "${injection}")))
        (export "f" (func $f)))`,
    ],
    [
      'a core import',
      `(component
        (core module $a (func (export "f")))
        (core instance $a (instantiate $a))
        (core module $m (import "m" "${injection}" (func)))
        (core instance $i (instantiate $m (with "m" (instance (export "${injection}" (func $a "f")))))))`,
    ],
    [
      'a core module that is imported from',
      `(component
        (core module $a (func (export "f")))
        (core instance $a (instantiate $a))
        (core module $m (import "${injection}" "f" (func)))
        (core instance $i (instantiate $m (with "${injection}" (instance $a)))))`,
    ],
  ];

  test.each(hostile)('%s is refused before anything of it runs', async (_where, text) => {
    const component = await watGuest(text);
    // The generator writes the name as it is: this is why there must be a check.
    expect((await translate(component)).glue).toContain(injection);
    await expect(linkerOf(component)).rejects.toMatchObject({ code: 'BW_PROGRAM_UNSAFE_NAME' });
    expect(globalThis).not.toHaveProperty('pwned');
  });

  test.each(['line\\nbreak', '\\e2\\80\\a8', 'back\\\\slash', 'double\\"quote', 'tick`'])(
    '%s as well',
    async (name) => {
      const component = await watGuest(`(component
      (core module $m (func (export "${name}") (result i32) i32.const 0))
      (core instance $i (instantiate $m))
      (func $f (result u32) (canon lift (core func $i "${name}")))
      (export "f" (func $f)))`);
      await expect(linkerOf(component)).rejects.toMatchObject({ code: 'BW_PROGRAM_UNSAFE_NAME' });
    },
  );
});

test('what is no component is refused in words', async () => {
  await expect(translate(Uint8Array.of(0, 97, 115, 109, 13, 0, 1, 0, 255))).rejects.toMatchObject({
    code: 'BW_PROGRAM_NOT_TRANSLATABLE',
  });
});
