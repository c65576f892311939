import { expect, test } from 'vitest';
import { type LateFunction, trampoline } from '../../../../src/engine/link/trampoline.ts';
import { watGuest } from '../../../guests/index.ts';

test.each<[LateFunction, number[], number | undefined]>([
  ['_start', [], undefined],
  ['cabi_realloc', [1, 20, 300, 4000], 4321],
])('%s calls what is put into its table, and traps before', async (name, args, answer) => {
  const { module, filler } = trampoline(name);
  const { exports } = new WebAssembly.Instance(module);
  const enter = exports['c'] as (...values: number[]) => number | undefined;
  expect(() => enter(...args)).toThrow(WebAssembly.RuntimeError);
  const bytes = await watGuest(`(module
    (func (export "_start"))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
      (i32.add (i32.add (local.get 0) (local.get 1)) (i32.add (local.get 2) (local.get 3)))))`);
  const program = new WebAssembly.Instance(new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>));
  const f = program.exports[name] as WebAssembly.ImportValue;
  expect(
    new WebAssembly.Instance(filler, { '': { t: exports['t'] as WebAssembly.Table, f } }).exports,
  ).toEqual({});
  expect(enter(...args)).toBe(answer);
  // One module serves all instances; what is in a table is the instance's own.
  expect(trampoline(name).module).toBe(module);
  expect(() => (new WebAssembly.Instance(module).exports['c'] as () => void)()).toThrow(
    WebAssembly.RuntimeError,
  );
});
