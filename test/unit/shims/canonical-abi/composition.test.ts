import { describe, expect, test } from 'vitest';
import {
  allBuiltins,
  asyncFunc,
  EXECUTORS,
  func,
  gate,
  type TestComponent,
  TestStore,
  turn,
  U32,
  U8,
} from './components.ts';
import * as builtins from '../../../../shims/canonical-abi/builtins/index.ts';
import { codecOf } from '../../../../shims/canonical-abi/codec.ts';
import { GuestResourceType, hostResourceType } from '../../../../shims/canonical-abi/resource.ts';
import type { ComponentFunction } from '../../../../shims/canonical-abi/component-function.ts';
import type { CoreImport } from '../../../../shims/canonical-abi/canon-options.ts';
import type { ResourceRef, ValueType } from '../../../../shims/canonical-abi/types.ts';

const IMPORTS = `
  (import "" "task.return" (func $task.return (param i32)))
  (import "" "task.cancel" (func $task.cancel))
  (import "" "backpressure.inc" (func $backpressure.inc))
  (import "" "thread.yield" (func $yield (result i32)))
  (import "" "set.new" (func $set.new (result i32)))
  (import "" "set.wait" (func $set.wait (param i32 i32) (result i32)))
  (import "" "set.wait-cancellable" (func $set.wait-cancellable (param i32 i32) (result i32)))
  (import "" "join" (func $join (param i32 i32)))
  (import "" "subtask.cancel" (func $subtask.cancel (param i32) (result i32)))
  (import "" "subtask.cancel-async" (func $subtask.cancel-async (param i32) (result i32)))
  (import "" "subtask.drop" (func $subtask.drop (param i32)))`;

const numbers = (c: TestComponent): Readonly<Record<string, CoreImport>> => allBuiltins(c, U8, U32);
const F = asyncFunc([U32], U32);

describe.each(EXECUTORS)('calls between components %s', (_name, executor) => {
  test('without async, of a function that does not wait: also where nothing could wait', async () => {
    const world = new TestStore(executor());
    const callee = await world.component(`(module
      (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))`);
    const caller = await world.component(
      `(module (import "" "f" (func $f (param i32) (result i32)))
        (global $g (mut i32) (i32.const 0))
        (func $start (global.set $g (call $f (i32.const 40))))
        (start $start)
        (func (export "f") (param i32) (result i32) (i32.add (global.get $g) (call $f (local.get 0)))))`,
      (c) => ({ f: c.lower(callee.sync('f', func([U32], U32))) }),
    );
    expect(await world.call(caller.sync('f', func([U32], U32)), 1)).toBe(43);
  });

  test('without async, of a function that waits: the caller waits, too', async () => {
    const world = new TestStore(executor());
    const answer = gate<number>();
    const callee = await world.component(
      `(module (import "" "host" (func $host (param i32) (result i32)))
        (func (export "f") (param i32) (result i32) (call $host (local.get 0))))`,
      (c) => ({ host: c.host(F, { waits: () => ({ promise: answer.promise, cancel: () => undefined }) }) }),
    );
    const caller = await world.component(
      `(module (import "" "f" (func $f (param i32) (result i32)))
        (func (export "f") (param i32) (result i32) (i32.add (i32.const 1) (call $f (local.get 0)))))`,
      (c) => ({ f: c.lower(callee.sync('f', F)) }),
    );
    const result = world.call(caller.sync('f', F), 1);
    await turn();
    answer.open(10);
    expect(await result).toBe(11);
    expect(world.open).toBe(0);
  });

  /** `f`: calls $g with async; returns the packed state, or drives the subtask to its end as `body` says. */
  const caller = (body: string): string => `(module ${IMPORTS}
    (import "" "g" (func $g (param i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "f") (param i32) (local $p i32) (local $sub i32) (local $set i32) (local $x i32)
      (local.set $p (call $g (local.get 0) (i32.const 64)))
      (local.set $sub (i32.shr_u (local.get $p) (i32.const 4)))
      ${body}))`;
  const GO_ON = `
    (local.set $set (call $set.new))
    (call $join (local.get $sub) (local.get $set))
    (drop (call $set.wait (local.get $set) (i32.const 32)))
    (call $subtask.drop (local.get $sub))
    (call $task.return (i32.load (i32.const 64)))`;

  const GIVES = `(module ${IMPORTS} (func (export "g") (param i32) (call $task.return (i32.add (local.get 0) (i32.const 5)))))`;

  test('with async, of a function that gives its result at once: no subtask', async () => {
    const world = new TestStore(executor());
    const callee = await world.component(GIVES, numbers);
    const guest = await world.component(
      caller(
        `(call $task.return (i32.add (local.get $p) (i32.mul (i32.const 16) (i32.load (i32.const 64)))))`,
      ),
      (c) => ({ ...numbers(c), g: c.lower(callee.stackful('g', F), true) }),
    );
    expect(await world.call(guest.stackful('f', F), 1)).toBe(2 + 16 * 6);
  });

  test('with async, of a function that waits: an event', async () => {
    const world = new TestStore(executor());
    const callee = await world.component(
      `(module ${IMPORTS} (func (export "g") (param i32)
        (drop (call $yield)) (call $task.return (i32.add (local.get 0) (i32.const 5)))))`,
      numbers,
    );
    const guest = await world.component(caller(GO_ON), (c) => ({
      ...numbers(c),
      g: c.lower(callee.stackful('g', F), true),
    }));
    expect(await world.call(guest.stackful('f', F), 1)).toBe(6);
  });

  test.each([
    ['a call that has not begun', '(call $backpressure.inc)', '', 3],
    [
      'a call that waits and confirms',
      '',
      '(drop (call $set.wait-cancellable (call $set.new) (i32.const 8))) (call $task.cancel)',
      4,
    ],
    [
      'a call that waits and gives its result all the same',
      '',
      '(drop (call $set.wait-cancellable (call $set.new) (i32.const 8))) (call $task.return (i32.const 9))',
      2,
    ],
    ['a call that does not listen', '', '(drop (call $yield)) (call $task.return (i32.const 9))', 2],
  ])('the caller cancels %s', async (_what, before, body, state) => {
    const world = new TestStore(executor());
    const callee = await world.component(
      `(module ${IMPORTS} (memory (export "memory") 1) (func (export "inc") ${before}) (func (export "g") (param i32) ${body}))`,
      numbers,
    );
    await world.call(callee.sync('inc', func([])));
    const guest = await world.component(
      caller(
        '(call $task.return (call $subtask.cancel (local.get $sub))) (call $subtask.drop (local.get $sub))',
      ),
      (c) => ({ ...numbers(c), g: c.lower(callee.stackful('g', F), true) }),
    );
    expect(await world.call(guest.stackful('f', F), 1)).toBe(state);
    await turn();
    expect(world.failures).toEqual([]);
  });

  test('a callback task is told of its cancellation at once', async () => {
    const world = new TestStore(executor());
    const callee = await world.component(
      `(module ${IMPORTS} (memory (export "memory") 1)
        (func (export "g") (param i32) (result i32) (i32.or (i32.const 2) (i32.shl (call $set.new) (i32.const 4))))
        (func (export "g-callback") (param i32 i32 i32) (result i32)
          (if (i32.ne (local.get 0) (i32.const 6)) (then (unreachable)))
          (call $task.cancel) (i32.const 0)))`,
      numbers,
    );
    const guest = await world.component(
      caller(`(call $task.return (call $subtask.cancel-async (local.get $sub)))`),
      (c) => ({ ...numbers(c), g: c.lower(callee.callback('g', F), true) }),
    );
    expect(await world.call(guest.stackful('f', F), 1)).toBe(4);
  });

  test('a call of the host is cancelled', async () => {
    const world = new TestStore(executor());
    let cancelled = 0;
    const guest = await world.component(
      caller(
        '(call $task.return (call $subtask.cancel (local.get $sub))) (call $subtask.drop (local.get $sub))',
      ),
      (c) => ({
        ...numbers(c),
        g: c.host(
          F,
          { waits: () => ({ promise: turn().then(() => 1), cancel: () => void cancelled++ }) },
          true,
        ),
      }),
    );
    expect(await world.call(guest.stackful('f', F), 1)).toBe(4);
    expect(cancelled).toBe(1);
    expect(world.open).toBe(0);
  });

  test.each([
    ['dropping a subtask that runs', '(call $subtask.drop (local.get $sub))', /before its end/],
    [
      'cancelling twice',
      '(drop (i32.add (call $subtask.cancel-async (local.get $sub)) (call $subtask.cancel-async (local.get $sub))))',
      /twice/,
    ],
    ['an unknown subtask', '(call $subtask.drop (i32.const 99))', /unknown handle/],
    ['a handle of something else', '(call $subtask.drop (call $set.new))', /no subtask/],
  ])('%s traps', async (_what, body, reason) => {
    const world = new TestStore(executor());
    const callee = await world.component(
      `(module ${IMPORTS} (memory (export "memory") 1) (func (export "g") (param i32)
        (drop (call $set.wait (call $set.new) (i32.const 8)))))`,
      numbers,
    );
    const guest = await world.component(caller(body), (c) => ({
      ...numbers(c),
      g: c.lower(callee.stackful('g', F), true),
    }));
    await expect(world.call(guest.stackful('f', F), 1)).rejects.toThrow(reason);
    expect(world.open).toBe(0);
  });

  test('a trap of the callee ends the caller, who cannot catch it', async () => {
    const world = new TestStore(executor());
    const callee = await world.component(
      `(module (func (export "g") (param i32) (result i32) (unreachable)))`,
    );
    const notes: number[] = [];
    const guest = await world.component(
      `(module (import "" "g" (func $g (param i32) (result i32))) (import "" "note" (func $note (param i32)))
        (func (export "f") (param i32) (result i32)
          (block $caught
            (try_table (catch_all $caught) (drop (call $g (i32.const 1))))
            (call $note (i32.const 1)))
          (call $note (i32.const 2)) (i32.const 3)))`,
      (c) => ({
        g: c.lower(callee.sync('g', F)),
        note: c.host(func([U32]), (_: undefined, n: number) => void notes.push(n)),
      }),
    );
    await expect(world.call(guest.sync('f', F), 1)).rejects.toThrow(/unreachable/);
    expect(notes).toEqual([]);
    expect(String(world.failures)).toMatch(/unreachable/);
  });

  test('a component that runs cannot be called again from below', async () => {
    const world = new TestStore(executor());
    const FORWARD = `(module (import "" "f" (func $f (param i32) (result i32)))
      (func (export "f") (param i32) (result i32) (call $f (local.get 0))))`;
    const functions: ComponentFunction[] = [];
    const late: ComponentFunction = {
      type: F,
      invoke: (onStart, onResolve, caller) =>
        (functions[0] as ComponentFunction).invoke(onStart, onResolve, caller),
    };
    const first = await world.component(FORWARD, (c) => ({ f: c.lower(late) }));
    const second = await world.component(FORWARD, (c) => ({ f: c.lower(first.sync('f', F)) }));
    functions.push(second.sync('f', F));
    await expect(world.call(first.sync('f', F), 4)).rejects.toThrow(/running already/);
  });

  test('floods of subtasks end at the limit', async () => {
    const world = new TestStore(executor());
    world.limit = 1000;
    const guest = await world.component(
      `(module (import "" "g" (func $g (param i32 i32) (result i32))) (memory (export "memory") 1)
        (func (export "f") (param i32) (result i32) (loop (drop (call $g (i32.const 1) (i32.const 8))) (br 0)) (i32.const 1)))`,
      (c) => ({
        g: c.host(
          F,
          { waits: () => ({ promise: new Promise(() => {}), cancel: () => void cancelled++ }) },
          true,
        ),
      }),
    );
    let cancelled = 0;
    await expect(world.call(guest.sync('f', F), 1)).rejects.toThrow(/too many handles/);
    expect(cancelled).toBe(1001);
    expect(world.open).toBe(0);
  });
});

const REF: ResourceRef = { slot: 0, name: 'thing' };
const OWN: ValueType = { kind: 'own', resource: REF };
const BORROW: ValueType = { kind: 'borrow', resource: REF };

describe('resources', () => {
  /** Defines `thing`, makes one for each call of `make`, and notes what is destroyed. */
  async function owner(
    world: TestStore,
  ): Promise<{ guest: TestComponent; type: GuestResourceType; destroyed: number[] }> {
    const destroyed: number[] = [];
    const guest = await world.component(
      `(module (import "" "new" (func $new (param i32) (result i32))) (import "" "rep" (func $rep (param i32) (result i32)))
        (import "" "destroyed" (func $destroyed (param i32)))
        (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
        (func (export "read") (param i32) (result i32) (local.get 0))
        (func (export "take") (param i32) (result i32) (call $rep (local.get 0)))
        (func (export "dtor") (param i32) (call $destroyed (local.get 0))))`,
      ({ instance }) => ({
        new: builtins.resourceNew(instance, 0),
        rep: builtins.resourceRep(instance, 0),
        destroyed: (rep: number) => void destroyed.push(rep),
      }),
    );
    const type = new GuestResourceType('thing', guest.instance, guest.core('dtor'));
    guest.instance.resources.push(type);
    return { guest, type, destroyed };
  }

  async function user(
    world: TestStore,
    body: string,
  ): Promise<{ result: Promise<unknown>; destroyed: number[] }> {
    const { guest, type, destroyed } = await owner(world);
    const component = await world.component(
      `(module (import "" "make" (func $make (param i32) (result i32)))
        (import "" "read" (func $read (param i32) (result i32)))
        (import "" "take" (func $take (param i32) (result i32)))
        (import "" "drop" (func $drop (param i32)))
        (func (export "f") (result i32) (local $h i32) (local $x i32)
          (local.set $h (call $make (i32.const 7)))
          ${body}))`,
      (c) => {
        c.instance.resources.push(type);
        return {
          make: c.lower(guest.sync('make', func([U32], OWN))),
          read: c.lower(guest.sync('read', func([BORROW], U32))),
          take: c.lower(guest.sync('take', func([OWN], U32))),
          drop: builtins.resourceDrop(c.instance, 0),
        };
      },
    );
    return { result: world.call(component.sync('f', func([], U32))), destroyed };
  }

  test('are made, lent, and dropped', async () => {
    const world = new TestStore();
    const { result, destroyed } = await user(
      world,
      `(local.set $x (call $read (local.get $h))) (call $drop (local.get $h)) (local.get $x)`,
    );
    expect(await result).toBe(7);
    expect(destroyed).toEqual([7]);
    expect(world.open).toBe(0);
  });

  test.each([
    ['a use after the drop', '(call $drop (local.get $h)) (call $read (local.get $h))', /unknown handle/],
    [
      'a double drop',
      '(call $drop (local.get $h)) (call $drop (local.get $h)) (i32.const 0)',
      /unknown handle/,
    ],
    [
      'giving it away twice',
      '(drop (call $take (local.get $h))) (call $take (local.get $h))',
      /unknown handle/,
    ],
    ['an invented handle', '(call $read (i32.const 1000000))', /unknown handle/],
  ])('%s traps', async (_what, body, reason) => {
    const { result } = await user(new TestStore(), body);
    await expect(result).rejects.toThrow(reason);
  });

  test('of the host are released when they are dropped, and at the end', async () => {
    const world = new TestStore();
    const released: object[] = [];
    const type = hostResourceType(undefined, {
      name: 'thing',
      release: (_: undefined, thing: object) => void released.push(thing),
    });
    const guest = await world.component(
      `(module (import "" "read" (func $read (param i32) (result i32))) (import "" "drop" (func $drop (param i32)))
        (func (export "use") (param i32) (result i32) (call $read (local.get 0)))
        (func (export "drop") (param i32) (call $drop (local.get 0))))`,
      (c) => {
        c.instance.resources.push(type);
        return {
          read: c.host(func([BORROW], U32), (_: undefined, thing: { readonly value: number }) => thing.value),
          drop: builtins.resourceDrop(c.instance, 0),
        };
      },
    );
    const [first, second] = [{ value: 3 }, { value: 4 }];
    expect(await world.call(guest.sync('use', func([OWN], U32)), first)).toBe(3);
    await world.call(guest.sync('drop', func([OWN])), second);
    expect(released).toEqual([second]);
    expect(world.open).toBe(0);
    world.store.end('over');
    expect(released).toEqual([second, first]);
  });

  test('that are borrowed must be dropped before the task ends, and cannot be dropped by their owner', async () => {
    const world = new TestStore();
    const type = hostResourceType(undefined, { name: 'thing', release: () => undefined });
    const keeper = await world.component(`(module (func (export "keep") (param i32)))`, (c) => {
      c.instance.resources.push(type);
      return {};
    });
    await expect(world.call(keeper.sync('keep', func([BORROW])), {})).rejects.toThrow(/still holds borrowed/);

    const other = new TestStore();
    const guest = await other.component(
      `(module (import "" "wait" (func $wait (param i32) (result i32))) (import "" "drop" (func $drop (param i32)))
        (func (export "f") (param i32) (drop (call $wait (local.get 0))) (call $drop (local.get 0))))`,
      (c) => {
        c.instance.resources.push(type);
        return {
          wait: c.host(
            asyncFunc([BORROW]),
            { waits: () => ({ promise: new Promise(() => {}), cancel: () => undefined }) },
            true,
          ),
          drop: builtins.resourceDrop(c.instance, 0),
        };
      },
    );
    await expect(other.call(guest.sync('f', func([OWN])), {})).rejects.toThrow(/while it is borrowed/);
  });
});

describe('streams between two components', () => {
  const STREAM = (element: ValueType): ValueType => ({ kind: 'stream', element });
  const HEAP = `(memory (export "memory") 1) (global $top (mut i32) (i32.const 4096))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.set $top (i32.add (global.get $top) (i32.const 64))) (global.get $top))`;
  const COPY = `
    (import "" "task.return" (func $task.return (param i32)))
    (import "" "stream.new" (func $new (result i64)))
    (import "" "stream.read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "stream.write" (func $write (param i32 i32 i32) (result i32)))
    (import "" "stream.drop-readable" (func $drop-readable (param i32)))
    (import "" "stream.drop-writable" (func $drop-writable (param i32)))`;
  const STRING: ValueType = { kind: 'string' };

  test.each([
    ['bytes', U8, '(data (i32.const 0) "\\01\\02\\03\\04")', '(i32.load (i32.const 0))', 0x0403_0201],
    [
      'numbers',
      { kind: 'u16' } as const,
      '(data (i32.const 0) "\\01\\02\\03\\04\\05\\06\\07\\08")',
      '(i32.load (i32.const 4))',
      0x0807_0605,
    ],
    [
      'strings',
      STRING,
      '(data (i32.const 0) "\\40\\00\\00\\00\\01\\00\\00\\00\\41\\00\\00\\00\\01\\00\\00\\00\\42\\00\\00\\00\\01\\00\\00\\00\\43\\00\\00\\00\\01\\00\\00\\00") (data (i32.const 64) "abcd")',
      '(i32.load8_u (i32.load (i32.const 24)))',
      100,
    ],
  ])('%s', async (_what, element, data, load, expected) => {
    const world = new TestStore();
    const reader = await world.component(
      `(module ${COPY} ${HEAP} (func (export "consume") (param $s i32) (local $n i32) (local $size i32)
        (local.set $size (i32.const SIZE))
        (loop $more
          (local.set $n (i32.add (local.get $n) (i32.shr_u
            (call $read (local.get $s) (i32.mul (local.get $n) (local.get $size)) (i32.const 3)) (i32.const 4))))
          (br_if $more (i32.lt_u (local.get $n) (i32.const 4))))
        (call $drop-readable (local.get $s))
        (call $task.return ${load})))`.replace('SIZE', String(codecOf(element).size)),
      (c) => allBuiltins(c, element, U32),
    );
    const writer = await world.component(
      `(module ${COPY} (import "" "consume" (func $consume (param i32 i32) (result i32))) 
        (import "" "set.new" (func $set.new (result i32)))
        (import "" "set.wait" (func $set.wait (param i32 i32) (result i32)))
        (import "" "join" (func $join (param i32 i32)))
        ${HEAP} ${data}
        (func (export "f") (local $ends i64) (local $w i32) (local $sub i32) (local $set i32) (local $n i32)
          (local.set $ends (call $new))
          (local.set $w (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
          (local.set $sub (i32.shr_u (call $consume (i32.wrap_i64 (local.get $ends)) (i32.const 128)) (i32.const 4)))
          (loop $more
            (local.set $n (i32.add (local.get $n) (i32.shr_u
              (call $write (local.get $w) (i32.mul (local.get $n) (i32.const SIZE)) (i32.sub (i32.const 4) (local.get $n))) (i32.const 4))))
            (br_if $more (i32.lt_u (local.get $n) (i32.const 4))))
          (call $drop-writable (local.get $w))
          (if (local.get $sub) (then
            (local.set $set (call $set.new))
            (call $join (local.get $sub) (local.get $set))
            (drop (call $set.wait (local.get $set) (i32.const 136)))))
          (call $task.return (i32.load (i32.const 128)))))`.replaceAll('SIZE', String(codecOf(element).size)),
      (c) => ({
        ...allBuiltins(c, element, U32),
        consume: c.lower(reader.stackful('consume', asyncFunc([STREAM(element)], U32)), true),
      }),
    );
    expect(await world.call(writer.stackful('f', asyncFunc([], U32)))).toBe(expected);
    expect(world.failures).toEqual([]);
  });
});

test('floods of tasks that have given their results end at the limit', async () => {
  const world = new TestStore();
  world.limit = 100;
  const callee = await world.component(
    `(module ${IMPORTS} (memory (export "memory") 1) (func (export "g") (param i32)
      (call $task.return (i32.const 1)) (drop (call $set.wait (call $set.new) (i32.const 8)))))`,
    numbers,
  );
  const caller = await world.component(
    `(module (import "" "g" (func $g (param i32 i32) (result i32))) (memory (export "memory") 1)
      (func (export "f") (param i32) (result i32) (loop (drop (call $g (i32.const 1) (i32.const 8))) (br 0)) (i32.const 1)))`,
    (c) => ({ g: c.lower(callee.stackful('g', F), true) }),
  );
  await expect(world.call(caller.sync('f', F), 1)).rejects.toThrow(/too many handles/);
  expect(world.open).toBe(0);
});

test('what cannot be given back does not keep the rest', async () => {
  const world = new TestStore();
  const released: object[] = [];
  const type = hostResourceType(undefined, {
    name: 'thing',
    release: (_: undefined, thing: { readonly bad?: boolean }) => {
      if (thing.bad === true) throw new Error('a fault');
      released.push(thing);
    },
  });
  const guest = await world.component(`(module (func (export "keep") (param i32)))`, (c) => {
    c.instance.resources.push(type);
    return {};
  });
  const good = {};
  await world.call(guest.sync('keep', func([OWN])), { bad: true });
  await world.call(guest.sync('keep', func([OWN])), good);
  world.store.fail(new Error('a trap'));
  expect(released).toEqual([good]);
  // A fault of the host is worse than what the guest did.
  expect(world.failures).toEqual([new Error('a fault')]);
});
