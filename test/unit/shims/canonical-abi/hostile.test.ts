import { describe, expect, test } from 'vitest';
import { DeadlineExecutor } from '../../../../src/engine/deadline.ts';
import { ExitSignal } from '../../../../src/virtual/host.ts';
import { FutureCell, itemSource, sourceOf } from '../../../../shims/canonical-abi/host-streams.ts';
import { MemoryInput } from './memory-streams.ts';
import {
  allBuiltins,
  asyncFunc,
  EXECUTORS,
  func,
  STRING,
  type TestComponent,
  TestStore,
  turn,
  U32,
  U8,
} from './components.ts';
import type { CoreImport } from '../../../../shims/canonical-abi/canon-options.ts';
import type { ValueType } from '../../../../shims/canonical-abi/types.ts';

const numbers = (c: TestComponent): Readonly<Record<string, CoreImport>> => allBuiltins(c, U8, U32);
const F = asyncFunc([U32], U32);
const STRINGS: ValueType = { kind: 'stream', element: STRING };

describe.each(EXECUTORS)('hostile guests %s', (_name, executor) => {
  test('an exit ends everything, also for a guest that catches it', async () => {
    const world = new TestStore(executor());
    const notes: number[] = [];
    const guest = await world.component(
      `(module (import "" "exit" (func $exit)) (import "" "note" (func $note (param i32)))
        (memory (export "memory") 1)
        (func (export "f") (param i32) (result i32)
          (block $caught (try_table (catch_all $caught) (call $exit)))
          (block $again (try_table (catch_all $again) (call $note (i32.const 1))))
          (block $again (try_table (catch_all $again) (call $exit)))
          (i32.const 3)))`,
      (c) => ({
        exit: c.host(func([]), () => {
          throw new ExitSignal(7);
        }),
        note: c.host(func([U32]), (_: undefined, n: number) => void notes.push(n)),
      }),
    );
    await expect(world.call(guest.sync('f', F), 1)).rejects.toEqual(new ExitSignal(7));
    expect(notes).toEqual([]);
    expect(world.failures).toEqual([new ExitSignal(7)]);
  });

  test.each([
    ['calls an import', '(drop (call $host (i32.const 1)))', /must not/],
    ['waits', '(drop (call $wait (i32.const 1)))', /must not/],
    ['gives a pointer out of bounds', '(return (i32.const 0x7ffffff0))', /out of bounds/],
    ['traps', '(unreachable)', /unreachable/],
  ])('a realloc that %s, while the host gives an element', async (_what, body, reason) => {
    const world = new TestStore(executor());
    const guest = await world.component(
      `(module (import "" "host" (func $host (param i32) (result i32))) (import "" "wait" (func $wait (param i32) (result i32)))
        (import "" "stream.read" (func $read (param i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) ${body} (i32.const 64))
        (func (export "f") (param i32) (result i32) (call $read (local.get 0) (i32.const 0) (i32.const 1))))`,
      (c) => ({
        ...allBuiltins(c, STRING, U32),
        host: c.host(F, (_: undefined, n: number) => n),
        wait: c.host(F, { waits: () => ({ promise: Promise.resolve(1), cancel: () => undefined }) }),
      }),
    );
    const given = Promise.withResolvers<void>();
    let ready = false;
    let closed = 0;
    const source = itemSource<string>({
      next: () => (ready ? ['text'] : 'wait'),
      wait: () => (ready ? undefined : given.promise),
      close: () => void closed++,
    });
    const result = world.call(guest.sync('f', asyncFunc([STRINGS], U32)), source);
    await turn();
    ready = true;
    given.resolve();
    await expect(result).rejects.toThrow(reason);
    expect(closed).toBe(1);
    expect(world.open).toBe(0);
  });

  test('a loop of yields keeps neither new calls nor what is ready out', async () => {
    const world = new TestStore(executor());
    const guest = await world.component(
      `(module (import "" "task.return" (func $return (param i32)))
        (func (export "spin") (param i32) (result i32) (call $return (i32.const 0)) (i32.const 1))
        (func (export "spin-callback") (param i32 i32 i32) (result i32) (i32.const 1))
        (func (export "f") (param i32) (result i32) (local.get 0)))`,
      numbers,
    );
    await world.call(guest.callback('spin', F), 1);
    await world.call(guest.callback('spin', F), 2);
    expect(await world.call(guest.sync('f', F), 5)).toBe(5);
    expect(await Promise.all([6, 7].map(async (n) => world.call(guest.sync('f', F), n)))).toEqual([6, 7]);
    world.store.end('over');
    expect(world.failures).toEqual([]);
  });

  test('a function that is not async may wait while another thread of its instance can help', async () => {
    const world = new TestStore(executor());
    const guest = await world.component(
      `(module (import "" "task.return" (func $return (param i32)))
        (import "" "stream.new" (func $new (result i64)))
        (import "" "stream.read" (func $read (param i32 i32 i32) (result i32)))
        (import "" "stream.write-async" (func $write (param i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (global $w (mut i32) (i32.const 0))
        (global $r (mut i32) (i32.const 0))
        (func (export "help") (param i32) (result i32) (local $ends i64)
          (local.set $ends (call $new))
          (global.set $r (i32.wrap_i64 (local.get $ends)))
          (global.set $w (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
          (call $return (i32.const 0))
          (i32.const 1))
        (func (export "help-callback") (param i32 i32 i32) (result i32)
          (if (i32.eqz (i32.load8_u (i32.const 100))) (then (return (i32.const 1))))
          (i32.ne (call $write (global.get $w) (i32.const 8) (i32.const 3)) (i32.const 48)))
        (func (export "f") (result i32)
          (i32.store8 (i32.const 100) (i32.const 1))
          (call $read (global.get $r) (i32.const 16) (i32.const 8))))`,
      numbers,
    );
    await world.call(guest.callback('help', F), 1);
    expect(await world.call(guest.sync('f', func([], U32)))).toBe(3 << 4);
    await turn();
    expect(world.failures).toEqual([]);
  });

  test('the host resolves what nobody can read any more', async () => {
    const world = new TestStore(executor());
    const guest = await world.component(
      `(module (import "" "future.read" (func $read (param i32 i32) (result i32))) (memory (export "memory") 1)
        (func (export "f") (param i32) (result i32) (call $read (local.get 0) (i32.const 0))))`,
      numbers,
    );
    const cell = new FutureCell<number>();
    const result = world.call(guest.sync('f', asyncFunc([{ kind: 'future', element: U8 }], U32)), cell);
    await turn();
    world.store.end(new Error('over'));
    await expect(result).rejects.toThrow('over');
    cell.resolve(1);
    expect(guest.memory.bytes[0]).toBe(0);
  });

  test('floods of waitable sets, and of streams, end at the limit, and nothing stays open', async () => {
    for (const call of ['(drop (call $set))', '(drop (call $stream))']) {
      const world = new TestStore(executor());
      world.limit = 500;
      const guest = await world.component(
        `(module (import "" "set.new" (func $set (result i32))) (import "" "stream.new" (func $stream (result i64)))
          (func (export "f") (loop ${call} (br 0))))`,
        numbers,
      );
      await expect(world.call(guest.sync('f', func([])))).rejects.toThrow(/too many handles/);
      expect(world.open).toBe(0);
    }
  });

  test('what is put into a guest is never more than it asked for', async () => {
    const world = new TestStore(executor());
    const guest = await world.component(
      `(module (import "" "stream.read" (func $read (param i32 i32 i32) (result i32))) (memory (export "memory") 1)
        (func (export "f") (param i32) (result i32) (call $read (local.get 0) (i32.const 0) (i32.const 2))))`,
      numbers,
    );
    const source = itemSource<number>({
      next: () => [1, 2, 3],
      wait: () => undefined,
      close: () => undefined,
    });
    const f = guest.sync('f', asyncFunc([{ kind: 'stream', element: U8 }], U32));
    await expect(world.call(f, source)).rejects.toThrow(/more elements/);
  });
});

describe('deadlines', () => {
  const BELOW = `(module (import "" "g" (func $g (param i32) (result i32)))
    (func (export "f") (param i32) (result i32) (call $g (local.get 0))))`;

  test.each([
    ['that computes', '(loop (br 0)) (unreachable)'],
    ['that waits', '(call $wait (local.get 0))'],
    ['that calls for ever', '(loop (drop (call $host (local.get 0))) (br 0)) (unreachable)'],
  ])('stop a component %s below another', async (_what, body) => {
    const reasons: string[] = [];
    const world: TestStore = new TestStore(
      new DeadlineExecutor(400, (reason) => {
        reasons.push(reason);
        world.store.end(new Error(reason));
      }),
    );
    const callee = await world.component(
      `(module (import "" "wait" (func $wait (param i32) (result i32))) (import "" "host" (func $host (param i32) (result i32)))
        (func (export "g") (param i32) (result i32) ${body}))`,
      (c) => ({
        wait: c.host(F, { waits: () => ({ promise: new Promise(() => {}), cancel: () => undefined }) }),
        host: c.host(F, (_: undefined, n: number) => n),
      }),
    );
    const caller = await world.component(BELOW, (c) => ({ g: c.lower(callee.sync('g', F)) }));
    await expect(world.call(caller.sync('f', F), 1)).rejects.toThrow('deadline');
    expect(reasons).toEqual(['deadline']);
    await turn();
    expect(world.open).toBe(0);
  });

  test('stop what goes on after a wait', async () => {
    const reasons: string[] = [];
    const world: TestStore = new TestStore(
      new DeadlineExecutor(200, (reason) => {
        reasons.push(reason);
        world.store.end(new Error(reason));
      }),
    );
    const guest = await world.component(
      `(module (import "" "stream.read" (func $read (param i32 i32 i32) (result i32))) (memory (export "memory") 1)
        (func (export "f") (param i32) (result i32)
          (drop (call $read (local.get 0) (i32.const 0) (i32.const 1))) (loop (br 0)) (unreachable)))`,
      numbers,
    );
    const input = new MemoryInput();
    const ends: string[] = [];
    const source = sourceOf(input, (why) => ends.push(why));
    const result = world.call(guest.sync('f', asyncFunc([{ kind: 'stream', element: U8 }], U32)), source);
    await turn();
    input.push('x');
    await expect(result).rejects.toThrow('deadline');
    expect(reasons).toEqual(['deadline']);
    expect(ends).toEqual(['dropped']);
  });
});
