import { setTimeout as delay } from 'node:timers/promises';
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { expect, test } from 'vitest';
import { PlainInstanceExecutor } from '../../../src/engine/executor.ts';
import type { GuestFunction } from '../../../src/virtual/executor.ts';

async function start(executor: PlainInstanceExecutor, wait: () => unknown): Promise<unknown> {
  const bytes = await parse(`(module (import "env" "wait" (func $wait (result i32)))
    (func (export "f") (result i32) (i32.add (call $wait) (i32.const 1))))`);
  const module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  const { exports } = executor.instantiate(module, { env: { wait: executor.suspending(wait) } });
  return executor.promising(exports['f'] as GuestFunction)();
}

test('a guest waits for a promise and goes on with its value; an answer at once is one', async () => {
  expect(await start(new PlainInstanceExecutor(), () => delay(1, 5))).toBe(6);
  expect(await start(new PlainInstanceExecutor(), () => 7)).toBe(8);
});

test('a failure of the host ends the guest with it', async () => {
  const failure = new Error('of the host');
  await expect(start(new PlainInstanceExecutor(), () => Promise.reject(failure))).rejects.toBe(failure);
  await expect(
    start(new PlainInstanceExecutor(), () => {
      throw failure;
    }),
  ).rejects.toBe(failure);
});

test.each([
  ['answered', () => delay(1, 5)],
  ['failed', () => delay(1).then(() => Promise.reject(new Error('late')))],
])('a guest whose executor ended before its wait was %s ends with a trap', async (_, wait) => {
  const executor = new PlainInstanceExecutor();
  const answer = start(executor, wait);
  await delay(0);
  executor.end();
  await expect(answer).rejects.toThrow(WebAssembly.RuntimeError);
});
