import { describe, expect, test } from 'vitest';
import { asyncFunc, EXECUTORS, func, STRING, TestStore, turn, U32 } from './components.ts';
import { canonLift } from '../../../../shims/canonical-abi/canon-lift.ts';
import type { Pending } from '../../../../shims/canonical-abi/host-function.ts';

/** A bump allocator, and a memory. */
const HEAP = `
  (memory (export "memory") 1)
  (global $top (mut i32) (i32.const 1024))
  (func $realloc (export "realloc") (param i32 i32 i32 i32) (result i32) (local i32)
    (local.set 4 (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
    (global.set $top (i32.add (local.get 4) (local.get 3)))
    (local.get 4))`;

describe.each(EXECUTORS)('calls of a component %s', (_name, executor) => {
  test('a function that is lifted without async gives its result', async () => {
    const world = new TestStore(executor());
    const guest = await world.component(`(module
      (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))`);
    const add = guest.sync('add', func([U32, U32], U32));
    expect(await world.call(add, 40, 2)).toBe(42);
    expect(await Promise.all([world.call(add, 1, 2), world.call(add, 3, 4)])).toEqual([3, 7]);
    expect(world.failures).toEqual([]);
  });

  test('strings go in and out through realloc, and post-return gets the core result', async () => {
    const world = new TestStore(executor());
    const freed: unknown[] = [];
    const guest = await world.component(
      `(module
        (import "" "freed" (func $freed (param i32)))
        ${HEAP}
        (func (export "echo") (param i32 i32) (result i32)
          (i32.store (i32.const 8) (local.get 0))
          (i32.store (i32.const 12) (local.get 1))
          (i32.const 8))
        (func (export "post") (param i32) (call $freed (local.get 0))))`,
      () => ({ freed: (pointer: number) => void freed.push(pointer) }),
    );
    const echo = canonLift(
      guest.core('echo'),
      func([STRING], STRING),
      { ...guest.options(), postReturn: guest.core('post') },
      guest.instance,
    );
    expect(await world.call(echo, 'grüße')).toBe('grüße');
    expect(freed).toEqual([8]);
  });

  test('a trap rejects the call with its reason, and every other one that waits or comes', async () => {
    const world = new TestStore(executor());
    const never: Pending<number> = { promise: new Promise(() => {}), cancel: () => void cancelled++ };
    let cancelled = 0;
    const guest = await world.component(
      `(module
        (import "" "wait" (func $wait (result i32)))
        (func (export "wait") (result i32) (call $wait))
        (func (export "boom") (unreachable)))`,
      (c) => ({ wait: c.host(asyncFunc([], U32), { waits: () => never }) }),
    );
    const waiting = world.call(guest.sync('wait', asyncFunc([], U32)));
    await turn();
    expect(cancelled).toBe(0);
    const boom = guest.sync('boom', func([]));
    await expect(world.call(boom)).rejects.toThrow(/unreachable/);
    await expect(waiting).rejects.toThrow(/unreachable/);
    expect(cancelled).toBe(1);
    expect(world.failures).toHaveLength(1);
    await expect(world.call(boom)).rejects.toThrow(/unreachable/);
    expect(world.failures).toHaveLength(1);
    expect(world.open).toBe(0);
  });

  test.each([
    ['a trap', '(unreachable)', /unreachable/],
    ['a call of an import', '(call $host)', /must not/],
  ])('%s in post-return rejects the call, whose result was there already', async (_what, body, reason) => {
    const world = new TestStore(executor());
    const guest = await world.component(
      `(module (import "" "host" (func $host)) (func (export "f") (result i32) (i32.const 1)) (func (export "post") (param i32) ${body}))`,
      (c) => ({ host: c.host(func([]), () => undefined) }),
    );
    const options = { ...guest.options(), postReturn: guest.core('post') };
    const f = canonLift(guest.core('f'), func([], U32), options, guest.instance);
    await expect(world.call(f)).rejects.toThrow(reason);
  });
});
