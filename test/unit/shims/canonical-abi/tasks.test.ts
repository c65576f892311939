import { describe, expect, test } from 'vitest';
import {
  allBuiltins,
  asyncFunc,
  EXECUTORS,
  func,
  gate,
  STRING,
  type TestComponent,
  TestStore,
  turn,
  U32,
} from './components.ts';
import { invokeFromHost } from '../../../../shims/canonical-abi/invoke.ts';
import type { CoreImport } from '../../../../shims/canonical-abi/canon-options.ts';

const IMPORTS = `
  (import "" "task.return" (func $task.return (param i32)))
  (import "" "task.cancel" (func $task.cancel))
  (import "" "context.get" (func $context.get (result i32)))
  (import "" "context.set" (func $context.set (param i32)))
  (import "" "backpressure.inc" (func $backpressure.inc))
  (import "" "backpressure.dec" (func $backpressure.dec))
  (import "" "thread.yield" (func $yield (result i32)))
  (import "" "set.new" (func $set.new (result i32)))
  (import "" "set.wait-cancellable" (func $set.wait-cancellable (param i32 i32) (result i32)))
  (import "" "join" (func $join (param i32 i32)))
  (import "" "subtask.drop" (func $subtask.drop (param i32)))`;

const builtinsOf = (c: TestComponent): Readonly<Record<string, CoreImport>> => allBuiltins(c, undefined, U32);

const F = asyncFunc([U32], U32);

/** Subtasks are waited for by a callback task: call $host, join, return WAIT | set; the event gives the state. */
const WAITER = `(module ${IMPORTS}
  (import "" "host" (func $host (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (global $set (mut i32) (i32.const 0))
  (func (export "f") (param i32) (result i32) (local i32)
    (call $context.set (local.get 0))
    (local.set 1 (call $host (local.get 0) (i32.const 64)))
    (if (i32.eq (i32.and (local.get 1) (i32.const 15)) (i32.const 2))
      (then (call $task.return (i32.load (i32.const 64))) (return (i32.const 0))))
    (global.set $set (call $set.new))
    (call $join (i32.shr_u (local.get 1) (i32.const 4)) (global.get $set))
    (i32.or (i32.const 2) (i32.shl (global.get $set) (i32.const 4))))
  (func (export "f-callback") (param i32 i32 i32) (result i32)
    (if (i32.eq (local.get 0) (i32.const 6))
      (then (call $task.cancel) (return (i32.const 0))))
    (if (i32.ne (local.get 0) (i32.const 1)) (then (unreachable)))
    (if (i32.eq (local.get 2) (i32.const 2))
      (then
        (call $subtask.drop (local.get 1))
        (call $task.return (i32.add (i32.load (i32.const 64)) (call $context.get)))
        (return (i32.const 0))))
    (i32.or (i32.const 2) (i32.shl (global.get $set) (i32.const 4)))))`;

describe.each(EXECUTORS)('tasks %s', (_name, executor) => {
  test('a callback task waits for a call of the host', async () => {
    const world = new TestStore(executor());
    const answer = gate<number>();
    const guest = await world.component(WAITER, (c) => ({
      ...builtinsOf(c),
      host: c.host(F, { waits: () => ({ promise: answer.promise, cancel: () => undefined }) }, true),
    }));
    const result = world.call(guest.callback('f', F), 1000);
    await turn();
    expect(world.open).toBe(2);
    answer.open(7);
    expect(await result).toBe(1007);
    // The waitable set is left.
    expect(world.open).toBe(1);
    world.store.end('over');
    expect(world.open).toBe(0);
    expect(world.failures).toEqual([]);
  });

  test('a call of the host that answers at once is no subtask', async () => {
    const world = new TestStore(executor());
    const guest = await world.component(WAITER, (c) => ({
      ...builtinsOf(c),
      host: c.host(F, { waits: (_: undefined, n: number) => n * 2 }, true),
    }));
    expect(await world.call(guest.callback('f', F), 21)).toBe(42);
    expect(world.open).toBe(0);
  });

  test('the host cancels a task, which confirms it', async () => {
    const world = new TestStore(executor());
    let cancelled = 0;
    const guest = await world.component(WAITER, (c) => ({
      ...builtinsOf(c),
      host: c.host(
        F,
        { waits: () => ({ promise: new Promise(() => {}), cancel: () => void cancelled++ }) },
        true,
      ),
    }));
    const call = invokeFromHost(world.store, guest.callback('f', F), [1]);
    await turn();
    call.cancel();
    expect(await call.promise).toBeUndefined();
    expect(cancelled).toBe(0);
    world.store.end('over');
    expect(cancelled).toBe(1);
  });

  test('a stackful task keeps its place and its context over a wait', async () => {
    const world = new TestStore(executor());
    const answers = [gate<number>(), gate<number>()];
    const guest = await world.component(
      `(module ${IMPORTS}
        (import "" "host" (func $host (param i32) (result i32)))
        (func (export "f") (param i32)
          (call $context.set (local.get 0))
          (call $task.return (i32.add (call $host (local.get 0)) (call $context.get)))))`,
      (c) => ({
        ...builtinsOf(c),
        host: c.host(F, {
          waits: (_: undefined, n: number) => ({
            promise: (answers[n] as { promise: Promise<number> }).promise,
            cancel: () => undefined,
          }),
        }),
      }),
    );
    const f = guest.stackful('f', F);
    const results = [world.call(f, 0), world.call(f, 1)];
    await turn();
    answers[1]?.open(100);
    expect(await results[1]).toBe(101);
    answers[0]?.open(200);
    expect(await results[0]).toBe(200);
  });

  test('realloc has a context of its own, and leaves that of its caller alone', async () => {
    const world = new TestStore(executor());
    const guest = await world.component(
      `(module
        (import "" "context.get" (func $context.get (result i32)))
        (import "" "context.set" (func $context.set (param i32)))
        (import "" "host" (func $host (param i32)))
        (memory (export "memory") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32)
          (if (call $context.get) (then (unreachable)))
          (call $context.set (i32.const 99))
          (i32.const 1024))
        (func (export "f") (param i32) (result i32)
          (call $context.set (local.get 0))
          (call $host (i32.const 64))
          (call $host (i32.const 64))
          (i32.add (call $context.get) (i32.load (i32.const 68)))))`,
      (c) => ({ ...builtinsOf(c), host: c.host(func([], STRING), () => 'hello') }),
    );
    expect(await world.call(guest.sync('f', F), 1000)).toBe(1005);
    expect(world.failures).toEqual([]);
  });

  test('only one task at a time that must be alone: the others wait for it to wait or end', async () => {
    const world = new TestStore(executor());
    const answers = [gate<number>(), gate<number>()];
    const started: number[] = [];
    const guest = await world.component(
      `(module (import "" "host" (func $host (param i32) (result i32)))
        (func (export "f") (param i32) (result i32) (call $host (local.get 0))))`,
      (c) => ({
        host: c.host(F, {
          waits: (_: undefined, n: number) => {
            started.push(n);
            return {
              promise: (answers[n] as { promise: Promise<number> }).promise,
              cancel: () => undefined,
            };
          },
        }),
      }),
    );
    const f = guest.sync('f', F);
    const results = [world.call(f, 0), world.call(f, 1)];
    await turn();
    expect(started).toEqual([0]);
    answers[0]?.open(5);
    expect(await results[0]).toBe(5);
    await turn();
    expect(started).toEqual([0, 1]);
    answers[1]?.open(6);
    expect(await results[1]).toBe(6);
  });

  test('backpressure holds calls back in their order, and a held call can be cancelled', async () => {
    const world = new TestStore(executor());
    const order: number[] = [];
    const guest = await world.component(
      `(module ${IMPORTS}
        (import "" "note" (func $note (param i32)))
        (func (export "inc") (call $backpressure.inc))
        (func (export "dec") (call $backpressure.dec))
        (func (export "f") (param i32) (call $note (local.get 0)) (call $task.return (local.get 0))))`,
      (c) => ({ ...builtinsOf(c), note: (n: number) => void order.push(n) }),
    );
    const f = guest.stackful('f', F);
    await world.call(guest.sync('inc', func([])));
    const calls = [1, 2, 3].map((n) => invokeFromHost(world.store, f, [n]));
    await turn();
    expect(order).toEqual([]);
    calls[1]?.cancel();
    expect(await calls[1]?.promise).toBeUndefined();
    await world.call(guest.sync('dec', func([])));
    expect(await Promise.all([calls[0]?.promise, calls[2]?.promise])).toEqual([1, 3]);
    expect(order).toEqual([1, 3]);
    await expect(world.call(guest.sync('dec', func([])))).rejects.toThrow(/backpressure.dec/);
  });

  test('a loop of yields gives the event loop back', async () => {
    const world = new TestStore(executor());
    const guest = await world.component(
      `(module (import "" "thread.yield" (func $yield (result i32)))
        (func (export "f") (param i32) (result i32) (i32.const 1))
        (func (export "f-callback") (param i32 i32 i32) (result i32) (i32.const 1))
        (func (export "g") (loop (drop (call $yield)) (br 0))))`,
      builtinsOf,
    );
    const loops = [world.call(guest.callback('f', F), 1), world.call(guest.stackful('g', asyncFunc([])))];
    for (let i = 0; i < 10; i++) await turn();
    world.store.end(new Error('enough'));
    for (const loop of loops) await expect(loop).rejects.toThrow('enough');
    await turn();
    expect(world.failures).toEqual([]);
  });

  test.each([
    ['two results', '(call $task.return (i32.const 1)) (call $task.return (i32.const 2))', /already/],
    ['no result', '(nop)', /without a result/],
    ['an unasked cancellation', '(call $task.cancel)', /without a request/],
  ])('%s of a task trap', async (_what, body, reason) => {
    const world = new TestStore(executor());
    const guest = await world.component(
      `(module ${IMPORTS} (func (export "f") (param i32) ${body}))`,
      builtinsOf,
    );
    await world.call(guest.stackful('f', F), 1).then(
      (value) => expect(value).toBe(1),
      () => undefined,
    );
    await turn();
    expect(String(world.failures[0])).toMatch(reason);
  });

  test.each([3, 4, 15])('callback code %i traps', async (code) => {
    const world = new TestStore(executor());
    const guest = await world.component(
      `(module (func (export "f") (param i32) (result i32) (i32.const ${code}))
        (func (export "f-callback") (param i32 i32 i32) (result i32) (i32.const 0)))`,
    );
    await expect(world.call(guest.callback('f', F), 1)).rejects.toThrow(/callback code/);
  });

  test('a function that is not async cannot wait', async () => {
    const world = new TestStore(executor());
    const guest = await world.component(
      `(module (import "" "host" (func $host (param i32) (result i32)))
        (func (export "f") (param i32) (result i32) (call $host (local.get 0))))`,
      (c) => ({
        host: c.host(F, { waits: () => ({ promise: turn().then(() => 1), cancel: () => undefined }) }),
      }),
    );
    await expect(world.call(guest.sync('f', func([U32], U32)), 1)).rejects.toThrow(/cannot wait/);
  });

  test.each([
    ['that is not async', func([U32], U32)],
    ['that is', F],
  ])('a function of the host that is not async may take its time in a function %s', async (_what, type) => {
    const world = new TestStore(executor());
    const gates = [gate<number>(), gate<number>()];
    const waiting = {
      waits: (_: undefined, n: number) => ({
        promise: (gates[n] as { promise: Promise<number> }).promise,
        cancel: () => undefined,
      }),
    };
    const guest = await world.component(
      `(module (import "" "host" (func $host (param i32) (result i32)))
        (func (export "f") (param i32) (result i32) (call $host (local.get 0)))
        (func (export "g") (param i32) (result i32) (local.get 0)))`,
      (c) => ({ host: c.host(func([U32], U32), waiting) }),
    );
    const results = [world.call(guest.sync('f', type), 0), world.call(guest.sync('g', func([U32], U32)), 7)];
    const order: unknown[] = [];
    for (const result of results) void result.then((value) => order.push(value));
    await turn();
    expect(order).toEqual([]);
    gates[0]?.open(1);
    expect(await Promise.all(results)).toEqual([1, 7]);
    expect(order).toEqual([1, 7]);
    expect(world.failures).toEqual([]);
  });

  test('a task of another type cannot return this one', async () => {
    const world = new TestStore(executor());
    const guest = await world.component(
      `(module (import "" "task.return" (func $task.return (param i32)))
        (func (export "f") (call $task.return (i32.const 1))))`,
      builtinsOf,
    );
    await expect(world.call(guest.stackful('f', asyncFunc([])))).rejects.toThrow(/another type/);
  });
});
