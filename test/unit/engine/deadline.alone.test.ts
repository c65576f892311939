import { setTimeout as delay } from 'node:timers/promises';
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { afterEach, describe, expect, test } from 'vitest';
import { DeadlineExecutor, DeadlineSignal } from '../../../src/engine/deadline.ts';
import type { GuestFunction, HostFunction } from '../../../src/virtual/executor.ts';

/** An executor that knows when its deadline passed, in milliseconds after it was made. */
class Run {
  readonly #start = performance.now();
  readonly passed = Promise.withResolvers<number>();
  readonly executor: DeadlineExecutor;
  expirations = 0;

  constructor(milliseconds: number) {
    this.executor = new DeadlineExecutor(milliseconds, () => {
      this.expirations++;
      this.passed.resolve(performance.now() - this.#start);
    });
    open.add(this.executor);
  }

  async instantiate(wat: string, env: Record<string, HostFunction> = {}): Promise<WebAssembly.Exports> {
    const module = new WebAssembly.Module((await parse(`(module ${wat})`)) as Uint8Array<ArrayBuffer>);
    return this.executor.instantiate(module, { env }).exports;
  }

  async start(wat: string, env: Record<string, HostFunction> = {}): Promise<unknown> {
    const exports = await this.instantiate(wat, env);
    return this.enter(exports['f']);
  }

  enter(fn: unknown): Promise<unknown> {
    return this.executor.promising(fn as GuestFunction)();
  }
}

const open = new Set<DeadlineExecutor>();
afterEach(() => {
  for (const executor of open) executor.end();
  open.clear();
});

/** How many timers keep the process alive. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
}

const WAIT = '(import "env" "wait" (func $wait (result i32)))';
const NEVER = new Promise<number>(() => undefined);
const DEADLINE = 60;

describe('a guest in time', () => {
  test('gets its answer, with values from suspensions', async () => {
    const run = new Run(60_000);
    const wait = run.executor.suspending(async () => {
      await delay(5);
      return 20;
    });
    const sum = run.start(`${WAIT} (func (export "f") (result i32) (i32.add (call $wait) (call $wait)))`, {
      wait,
    });
    expect(await sum).toBe(40);
    expect(run.expirations).toBe(0);
  });

  test('may call functions that answer at once', async () => {
    const run = new Run(60_000);
    const now = run.executor.suspending(() => 7);
    const plain = (value: number): number => value + 1;
    const body = `(import "env" "now" (func $now (result i32))) (import "env" "plain" (func $plain (param i32) (result i32)))
      (func (export "f") (result i32) (call $plain (call $now)))`;
    expect(await run.start(body, { now, plain })).toBe(8);
  });

  test('gets the host’s error where the host fails, and its own trap', async () => {
    const run = new Run(60_000);
    const failure = new Error('of the host');
    const wait = run.executor.suspending(() => Promise.reject(failure));
    await expect(run.start(`${WAIT} (func (export "f") (drop (call $wait)))`, { wait })).rejects.toBe(
      failure,
    );
    await expect(run.start('(func (export "f") unreachable)')).rejects.toMatchObject({
      message: 'unreachable',
    });
  });

  test('may suspend below a call between modules', async () => {
    const run = new Run(60_000);
    const wait = run.executor.suspending(() => delay(1, 5));
    const inner = await run.instantiate(`${WAIT} (func (export "g") (result i32) (call $wait))`, { wait });
    const outer = await run.instantiate(
      '(import "env" "g" (func $g (result i32))) (func (export "f") (result i32) (call $g))',
      {
        g: inner['g'] as HostFunction,
      },
    );
    expect(await run.enter(outer['f'])).toBe(5);
  });
});

describe('a guest past its deadline ends, wherever it is', () => {
  const LOOP = '(loop (br 0))';
  test.each<[string, string]>([
    ['in a loop', `(func (export "f") ${LOOP})`],
    ['in a loop after a suspension', `${WAIT} (func (export "f") (drop (call $wait)) ${LOOP})`],
    ['in a loop of suspensions', `${WAIT} (func (export "f") (loop (drop (call $wait)) (br 0)))`],
    [
      'in a wait that never ends',
      '(import "env" "never" (func $never (result i32))) (func (export "f") (drop (call $never)))',
    ],
    [
      'in calls of the host',
      '(import "env" "plain" (func $plain)) (func (export "f") (loop (call $plain) (br 0)))',
    ],
    [
      'in calls of the host that might wait',
      '(import "env" "now" (func $now (result i32))) (func (export "f") (loop (drop (call $now)) (br 0)))',
    ],
    [
      'in calls of the host whose end it swallows',
      '(import "env" "plain" (func $plain)) (func (export "f") (loop $l (block $b (try_table (catch_all $b) (call $plain))) (br $l)))',
    ],
    [
      'in an atomic wait',
      '(memory 1 1 shared) (func (export "f") (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))',
    ],
    [
      'in the growth of its memory',
      '(memory 1) (func (export "f") (loop (drop (memory.grow (i32.const 0))) (br 0)))',
    ],
  ])('%s', async (_, body) => {
    const run = new Run(DEADLINE);
    const wait = run.executor.suspending(() => delay(5, 0));
    const never = run.executor.suspending(() => NEVER);
    const start = performance.now();
    let calls = 0;
    let late = 0;
    const plain = (): number => {
      if (performance.now() - start > DEADLINE) late++;
      return ++calls;
    };
    const now = run.executor.suspending(plain);
    run.start(body, { wait, never, now, plain }).catch(() => undefined);
    const answer = await run.passed.promise;
    expect(answer).toBeGreaterThanOrEqual(DEADLINE);
    expect(answer).toBeLessThan(DEADLINE + 1000);
    expect(run.expirations).toBe(1);
    if (/\$(plain|now)/.test(body)) expect(calls).toBeGreaterThan(100);
    // One may be under way when the deadline passes.
    expect(late).toBeLessThanOrEqual(1);
  });

  test('in its start function: instantiate throws', async () => {
    const run = new Run(DEADLINE);
    await expect(run.instantiate('(func $f (loop (br 0))) (start $f)')).rejects.toBeInstanceOf(
      DeadlineSignal,
    );
    expect(run.expirations).toBe(1);
  });
});

test('after its deadline a guest is not entered, resumed or answered', async () => {
  const run = new Run(20);
  let calls = 0;
  const exports = await run.instantiate(
    '(import "env" "plain" (func $plain)) (func (export "f") (call $plain))',
    { plain: () => void calls++ },
  );
  const waiting = Promise.withResolvers<number>();
  const wait = run.executor.suspending(() => waiting.promise);
  const started = run.start(
    `${WAIT} (import "env" "plain" (func $plain)) (func (export "f") (drop (call $wait)) (call $plain))`,
    { wait, plain: () => void calls++ },
  );
  await run.passed.promise;
  // Its stack is unwound, so that nothing of it stays.
  await expect(started).rejects.toThrow('unreachable');
  waiting.resolve(1);
  const answer = run.enter(exports['f']);
  expect(await Promise.race([answer, delay(20, 'no answer')])).toBe('no answer');
  expect(calls).toBe(0);
});

test('an ended executor does not pass its deadline', async () => {
  const run = new Run(20);
  run.executor.end();
  await delay(40);
  expect(run.expirations).toBe(0);
});

test('neither an ended executor nor a passed deadline leaves a timer', async () => {
  const runs = Array.from({ length: 50 }, (_, index) => new Run(index % 2 === 0 ? 1 : 60_000));
  expect(timers()).toBeGreaterThanOrEqual(50);
  await delay(10);
  for (const [index, run] of runs.entries()) if (index % 2 === 1) run.executor.end();
  // The test runner has timers of its own.
  expect(timers()).toBeLessThan(10);
});

test('other guests work on after one was stopped, suspended or new', async () => {
  const patient = new Run(60_000);
  const wait = patient.executor.suspending(() => delay(100, 3));
  const waiting = patient.start(`${WAIT} (func (export "f") (result i32) (call $wait))`, { wait });
  const looping = new Run(DEADLINE);
  void looping.start('(func (export "f") (loop (br 0)))');
  await looping.passed.promise;
  expect(await new Run(60_000).start('(func (export "f") (result i32) (i32.const 4))')).toBe(4);
  expect(await waiting).toBe(3);
});

test('a deadline beyond what a timer holds does not pass early', async () => {
  const warnings: unknown[] = [];
  process.on('warning', ({ name }) => name === 'TimeoutOverflowWarning' && warnings.push(name));
  const run = new Run(2 ** 31 + 1000);
  const far = new Run(Number.MAX_SAFE_INTEGER);
  const wait = run.executor.suspending(() => delay(20, 6));
  expect(await run.start(`${WAIT} (func (export "f") (result i32) (call $wait))`, { wait })).toBe(6);
  expect(await far.start('(func (export "f") (result i32) (i32.const 8))')).toBe(8);
  expect([run.expirations, far.expirations]).toEqual([0, 0]);
  expect(warnings).toEqual([]);
});

test('the realm gives guests WebAssembly and lets go of them', async () => {
  const finalized = Promise.withResolvers<void>();
  const registry = new FinalizationRegistry(() => finalized.resolve());
  await (async () => {
    const run = new Run(60_000);
    const held = { payload: new Uint8Array(1000) };
    registry.register(held, 0);
    await run.start('(import "env" "plain" (func $plain)) (func (export "f") (call $plain))', {
      plain: () => void held.payload.at(0),
    });
    run.executor.end();
    open.clear();
  })();
  // No --expose-gc here: garbage makes the collector run.
  for (let i = 0; i < 200; i++) {
    if (await Promise.race([finalized.promise.then(() => true), delay(5, false)])) return;
    Array.from({ length: 20_000 }, (_, index) => ({ index, pad: new Uint8Array(64) }));
  }
  expect.fail('the guest’s imports are still held');
});
