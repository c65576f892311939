import { describe, expect, test } from 'vitest';
import {
  allBuiltins,
  asyncFunc,
  EXECUTORS,
  func,
  type TestComponent,
  TestStore,
  turn,
  U32,
  U8,
} from './components.ts';
import { MemoryInput, MemoryOutput } from './memory-streams.ts';
import {
  drainInto,
  FutureCell,
  itemSource,
  readFuture,
  sourceOf,
} from '../../../../shims/canonical-abi/host-streams.ts';
import type { CoreImport } from '../../../../shims/canonical-abi/canon-options.ts';
import type { FutureSource, StreamSource } from '../../../../shims/canonical-abi/values.ts';
import type { ValueType } from '../../../../shims/canonical-abi/types.ts';

const IMPORTS = `
  (import "" "task.return" (func $task.return (param i32)))
  (import "" "stream.new" (func $stream.new (result i64)))
  (import "" "stream.read" (func $stream.read (param i32 i32 i32) (result i32)))
  (import "" "stream.read-async" (func $stream.read-async (param i32 i32 i32) (result i32)))
  (import "" "stream.write" (func $stream.write (param i32 i32 i32) (result i32)))
  (import "" "stream.write-async" (func $stream.write-async (param i32 i32 i32) (result i32)))
  (import "" "stream.cancel-read" (func $stream.cancel-read (param i32) (result i32)))
  (import "" "stream.cancel-write" (func $stream.cancel-write (param i32) (result i32)))
  (import "" "stream.drop-readable" (func $stream.drop-readable (param i32)))
  (import "" "stream.drop-writable" (func $stream.drop-writable (param i32)))
  (import "" "future.new" (func $future.new (result i64)))
  (import "" "future.read" (func $future.read (param i32 i32) (result i32)))
  (import "" "future.read-async" (func $future.read-async (param i32 i32) (result i32)))
  (import "" "future.write" (func $future.write (param i32 i32) (result i32)))
  (import "" "future.write-async" (func $future.write-async (param i32 i32) (result i32)))
  (import "" "future.cancel-read" (func $future.cancel-read (param i32) (result i32)))
  (import "" "future.drop-readable" (func $future.drop-readable (param i32)))
  (import "" "future.drop-writable" (func $future.drop-writable (param i32)))
  (import "" "set.new" (func $set.new (result i32)))
  (import "" "set.wait" (func $set.wait (param i32 i32) (result i32)))
  (import "" "set.poll" (func $set.poll (param i32 i32) (result i32)))
  (import "" "set.drop" (func $set.drop (param i32)))
  (import "" "join" (func $join (param i32 i32)))`;

const STREAM: ValueType = { kind: 'stream', element: U8 };
const FUTURE: ValueType = { kind: 'future', element: U8 };

const bytes = (c: TestComponent): Readonly<Record<string, CoreImport>> => allBuiltins(c, U8, U32);
const code = (text: string, imports = ''): string =>
  `(module ${IMPORTS} ${imports} (memory (export "memory") 4) ${text})`;

/** `consume: async func(stream<u8>) -> u32`: reads all of it into memory at 0, `step` bytes at once. @returns how many */
const consumer = (step: number): string =>
  code(`
  (func (export "consume") (param $s i32) (local $n i32) (local $r i32)
    (loop $more
      (local.set $r (call $stream.read (local.get $s) (local.get $n) (i32.const ${step})))
      (local.set $n (i32.add (local.get $n) (i32.shr_u (local.get $r) (i32.const 4))))
      (br_if $more (i32.eqz (i32.and (local.get $r) (i32.const 15)))))
    (call $stream.drop-readable (local.get $s))
    (call $task.return (local.get $n)))`);

describe.each(EXECUTORS)('streams between the host and a guest %s', (_name, executor) => {
  test.each([1, 3, 1000])('a guest reads the bytes of the host, %i at once', async (step) => {
    const world = new TestStore(executor());
    const guest = await world.component(consumer(step), bytes);
    const input = new MemoryInput();
    const ends: string[] = [];
    const result = world.call(
      guest.stackful('consume', asyncFunc([STREAM], U32)),
      sourceOf(input, (why) => ends.push(why)),
    );
    await turn();
    input.push('Hello, ');
    await turn();
    input.push('world');
    input.finish();
    expect(await result).toBe(12);
    expect(Buffer.from(guest.memory.bytes.subarray(0, 12)).toString()).toBe('Hello, world');
    expect(ends).toEqual(['closed']);
    expect(world.open).toBe(0);
    expect(world.failures).toEqual([]);
  });

  test('a read of no bytes tells when there is something', async () => {
    const world = new TestStore(executor());
    const guest = await world.component(
      code(`(func (export "f") (param i32)
        (call $task.return (call $stream.read (local.get 0) (i32.const 0) (i32.const 0))))`),
      bytes,
    );
    const input = new MemoryInput();
    const result = world.call(
      guest.stackful('f', asyncFunc([STREAM], U32)),
      sourceOf(input, () => undefined),
    );
    await turn();
    input.push('x');
    expect(await result).toBe(0);
    expect(input.unread).toBe(1);
  });

  test('a guest that drops its end tells the host', async () => {
    const world = new TestStore(executor());
    const guest = await world.component(
      code(`(func (export "f") (param i32)
        (call $stream.drop-readable (local.get 0)) (call $task.return (i32.const 1)))`),
      bytes,
    );
    const ends: string[] = [];
    const source = sourceOf(new MemoryInput(), (why) => ends.push(why));
    expect(await world.call(guest.stackful('f', asyncFunc([STREAM], U32)), source)).toBe(1);
    expect(ends).toEqual(['dropped']);
  });

  test('the end of the instance drops what a guest reads', async () => {
    const world = new TestStore(executor());
    const guest = await world.component(consumer(10), bytes);
    const ends: string[] = [];
    const result = world.call(
      guest.stackful('consume', asyncFunc([STREAM], U32)),
      sourceOf(new MemoryInput(), (why) => ends.push(why)),
    );
    await turn();
    world.store.end(new Error('over'));
    await expect(result).rejects.toThrow('over');
    expect(ends).toEqual(['dropped']);
    expect(world.open).toBe(0);
  });

  /** `produce: async func() -> stream<u8>`: returns the stream, writes 200000 bytes into it. */
  const PRODUCER = code(
    `
    (func (export "produce") (local $ends i64) (local $w i32) (local $n i32) (local $r i32)
    (local.set $ends (call $stream.new))
    (local.set $w (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
    (call $return (i32.wrap_i64 (local.get $ends)))
    (memory.fill (i32.const 0) (i32.const 97) (i32.const 200000))
    (loop $more
      (local.set $r (call $stream.write (local.get $w) (local.get $n) (i32.sub (i32.const 200000) (local.get $n))))
      (local.set $n (i32.add (local.get $n) (i32.shr_u (local.get $r) (i32.const 4))))
      (if (i32.eqz (i32.and (local.get $r) (i32.const 15)))
        (then (br_if $more (i32.lt_u (local.get $n) (i32.const 200000))))))
    (call $stream.drop-writable (local.get $w)))`,
    `(import "" "task.return-stream" (func $return (param i32)))`,
  );

  const produce = async (world: TestStore): Promise<{ guest: TestComponent; source: StreamSource }> => {
    const guest = await world.component(PRODUCER, (c) => ({
      ...bytes(c),
      'task.return-stream': allBuiltins(c, U8, STREAM)['task.return'] as CoreImport,
    }));
    const source = await world.call(guest.stackful('produce', asyncFunc([], STREAM)));
    return { guest, source: source as StreamSource };
  };

  test('a guest writes no faster than the host takes', async () => {
    const world = new TestStore(executor());
    const { source } = await produce(world);
    const output = new MemoryOutput(1000);
    const ends: string[] = [];
    drainInto(source, output, (why) => ends.push(why));
    await turn();
    expect(output.length).toBe(1000);
    await turn();
    expect(output.length).toBe(1000);
    while (output.length < 200_000) {
      output.take();
      await turn();
    }
    output.take();
    await turn();
    expect(output.text).toBe('a'.repeat(200_000));
    expect(ends).toEqual(['closed']);
    expect(world.open).toBe(0);
    expect(world.failures).toEqual([]);
  });

  test('a drain that is cancelled, or whose output fails, ends the writer', async () => {
    const world = new TestStore(executor());
    const { source } = await produce(world);
    const drain = drainInto(source, new MemoryOutput(1000), () => expect.unreachable());
    await turn();
    drain.cancel();
    drain.cancel();
    await turn();
    const other = await produce(world);
    const output = new MemoryOutput(1000);
    const ends: string[] = [];
    drainInto(other.source, output, (why) => ends.push(why));
    await turn();
    output.fail();
    await turn();
    expect(ends).toEqual(['failed']);
    // The guests were told, and have come to their ends.
    expect(world.open).toBe(0);
    expect(world.failures).toEqual([]);
  });

  test('a stream of the host passes through a guest back to the host', async () => {
    const world = new TestStore(executor());
    const guest = await world.component(
      code(`(func (export "pass") (param i32) (result i32) (local.get 0))`),
      bytes,
    );
    const input = new MemoryInput();
    const source = await world.call(
      guest.sync('pass', func([STREAM], STREAM)),
      sourceOf(input, () => undefined),
    );
    const output = new MemoryOutput(100_000);
    const ends: string[] = [];
    drainInto(source as StreamSource, output, (why) => ends.push(why));
    input.push('through');
    await turn();
    input.finish();
    await turn();
    expect(output.text).toBe('through');
    expect(ends).toEqual(['closed']);
  });

  test('items of any type, as many as the guest asks for', async () => {
    const world = new TestStore(executor());
    const guest = await world.component(
      code(`(func (export "f") (param i32)
        (drop (call $stream.read (local.get 0) (i32.const 0) (i32.const 0)))
        (drop (call $stream.read (local.get 0) (i32.const 0) (i32.const 2)))
        (drop (call $stream.read (local.get 0) (i32.const 8) (i32.const 2)))
        (call $task.return (call $stream.read (local.get 0) (i32.const 16) (i32.const 2))))`),
      (c) => allBuiltins(c, U32, U32),
    );
    const items = [1, 2, 3];
    let closed = 0;
    const source = itemSource<number>({
      next: (max) => (items.length === 0 ? 'closed' : items.splice(0, max)),
      wait: () => undefined,
      close: () => void closed++,
    });
    const f = guest.stackful('f', asyncFunc([{ kind: 'stream', element: U32 }], U32));
    expect(await world.call(f, source)).toBe(1);
    expect([...new Uint32Array(guest.memory.bytes.buffer, 0, 6)]).toEqual([1, 0, 2, 3, 0, 0]);
    expect(closed).toBe(1);
  });

  test('futures, both ways', async () => {
    const world = new TestStore(executor());
    const guest = await world.component(
      code(`
      (func (export "give") (result i32) (local $ends i64)
        (local.set $ends (call $future.new))
        (i32.store8 (i32.const 8) (i32.const 77))
        (if (i32.ne (i32.const -1) (call $future.write-async
            (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))) (i32.const 8)))
          (then (unreachable)))
        (i32.wrap_i64 (local.get $ends)))
      (func (export "take") (param i32)
        (if (call $future.read (local.get 0) (i32.const 16)) (then (unreachable)))
        (call $future.drop-readable (local.get 0))
        (call $task.return (i32.load8_u (i32.const 16))))`),
      bytes,
    );
    const future = (await world.call(guest.sync('give', func([], FUTURE)))) as FutureSource;
    const value = await new Promise((resolve) => void readFuture<number>(future, resolve));
    expect(value).toBe(77);
    const cell = new FutureCell<number>(() => expect.unreachable());
    const taken = world.call(guest.stackful('take', asyncFunc([FUTURE], U32)), cell);
    await turn();
    cell.resolve(55);
    cell.resolve(56);
    expect(await taken).toBe(55);
    expect(world.failures).toEqual([]);
  });

  test('a future that a guest never fulfils ends with it; one that nobody reads is told so', async () => {
    const world = new TestStore(executor());
    const guest = await world.component(
      code(`
      (func (export "give") (result i32) (i32.wrap_i64 (call $future.new)))
      (func (export "drop") (param i32) (call $future.drop-readable (local.get 0)))`),
      bytes,
    );
    const future = (await world.call(guest.sync('give', func([], FUTURE)))) as FutureSource;
    const values: unknown[] = [];
    readFuture<number>(future, (value) => values.push(value));
    let dropped = 0;
    await world.call(guest.sync('drop', func([FUTURE])), new FutureCell<number>(() => void dropped++));
    expect(dropped).toBe(1);
    expect(values).toEqual([]);
    world.store.end('over');
    expect(values).toEqual([undefined]);
  });
});

/** Runs `body` in a task, where `$r` and `$w` are the ends of a new stream. @returns what it gives, or why it traps */
async function runWith(
  body: string,
  { element }: { element?: ValueType } = { element: U8 },
): Promise<unknown> {
  const world = new TestStore();
  const guest = await world.component(
    code(`(func (export "f") (local $ends i64) (local $r i32) (local $w i32) (local $fr i32) (local $fw i32) (local $x i32)
      (local.set $ends (call $stream.new))
      (local.set $r (i32.wrap_i64 (local.get $ends)))
      (local.set $w (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
      (local.set $ends (call $future.new))
      (local.set $fr (i32.wrap_i64 (local.get $ends)))
      (local.set $fw (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
      (call $task.return ${body}))`),
    (c) => allBuiltins(c, element, U32),
  );
  const result = await world.call(guest.stackful('f', asyncFunc([], U32))).catch(String);
  world.store.end('over');
  expect(world.open).toBe(0);
  return result;
}

const BLOCKED = 0xffff_ffff;

describe('the rules of copies', () => {
  test.each([
    [
      'a read without a writer',
      '(call $stream.read-async (local.get $r) (i32.const 0) (i32.const 8))',
      BLOCKED,
    ],
    [
      'a write to a reader within one instance, for bytes',
      `(block (result i32)
        (drop (call $stream.read-async (local.get $r) (i32.const 0) (i32.const 8)))
        (call $stream.write-async (local.get $w) (i32.const 64) (i32.const 3)))`,
      3 << 4,
    ],
    [
      'the reader is told of all writes at once',
      `(block (result i32)
        (drop (call $stream.read-async (local.get $r) (i32.const 0) (i32.const 8)))
        (drop (call $stream.write-async (local.get $w) (i32.const 64) (i32.const 3)))
        (drop (call $stream.write-async (local.get $w) (i32.const 64) (i32.const 2)))
        (call $stream.cancel-read (local.get $r)))`,
      (5 << 4) | 2,
    ],
    [
      'a cancelled read',
      `(block (result i32)
        (drop (call $stream.read-async (local.get $r) (i32.const 0) (i32.const 8)))
        (call $stream.cancel-read (local.get $r)))`,
      2,
    ],
    [
      'a read whose writer is dropped after it wrote',
      `(block (result i32)
        (drop (call $stream.read-async (local.get $r) (i32.const 0) (i32.const 8)))
        (drop (call $stream.write-async (local.get $w) (i32.const 64) (i32.const 3)))
        (call $stream.drop-writable (local.get $w))
        (call $stream.cancel-read (local.get $r)))`,
      (3 << 4) | 1,
    ],
    [
      'a write after the reader was dropped',
      `(block (result i32)
        (call $stream.drop-readable (local.get $r))
        (call $stream.write (local.get $w) (i32.const 64) (i32.const 3)))`,
      1,
    ],
    [
      'a write of no bytes to a reader of no bytes',
      `(block (result i32)
        (drop (call $stream.read-async (local.get $r) (i32.const 0) (i32.const 0)))
        (call $stream.write (local.get $w) (i32.const 64) (i32.const 0)))`,
      0,
    ],
    [
      'an event from a set: which end, and what',
      `(block (result i32)
        (drop (call $stream.read-async (local.get $r) (i32.const 0) (i32.const 8)))
        (local.set $x (call $set.new))
        (call $join (local.get $r) (local.get $x))
        (drop (call $stream.write-async (local.get $w) (i32.const 64) (i32.const 3)))
        (if (i32.ne (call $set.wait (local.get $x) (i32.const 32)) (i32.const 2)) (then (unreachable)))
        (if (i32.ne (i32.load (i32.const 32)) (local.get $r)) (then (unreachable)))
        (if (call $set.poll (local.get $x) (i32.const 40)) (then (unreachable)))
        (i32.load (i32.const 36)))`,
      3 << 4,
    ],
    [
      'a spin of reads and cancellations',
      `(block (result i32)
        (loop $spin
          (drop (call $stream.read-async (local.get $r) (i32.const 0) (i32.const 8)))
          (if (i32.ne (call $stream.cancel-read (local.get $r)) (i32.const 2)) (then (unreachable)))
          (local.set $x (i32.add (local.get $x) (i32.const 1)))
          (br_if $spin (i32.lt_u (local.get $x) (i32.const 10000))))
        (i32.const 1))`,
      1,
    ],
    [
      'a future that is written before it is read',
      `(block (result i32)
        (i32.store8 (i32.const 9) (i32.const 5))
        (drop (call $future.write-async (local.get $fw) (i32.const 9)))
        (drop (call $future.read (local.get $fr) (i32.const 10)))
        (call $future.drop-readable (local.get $fr))
        (i32.load8_u (i32.const 10)))`,
      5,
    ],
    [
      'a future whose reader is dropped',
      `(block (result i32)
        (call $future.drop-readable (local.get $fr))
        (local.set $x (call $future.write (local.get $fw) (i32.const 9)))
        (call $future.drop-writable (local.get $fw))
        (local.get $x))`,
      1,
    ],
  ])('%s', async (_what, body, expected) => {
    expect(await runWith(body)).toBe(expected);
  });

  test.each([
    ['another read', '(call $stream.read-async (local.get $r) (i32.const 0) (i32.const 1))', /busy/],
    [
      'its drop',
      '(block (result i32) (call $stream.drop-readable (local.get $r)) (i32.const 0))',
      /during a copy/,
    ],
    [
      'two cancellations',
      '(i32.add (call $stream.cancel-read (local.get $r)) (call $stream.cancel-read (local.get $r)))',
      /no copy to cancel/,
    ],
  ])('during a read, %s traps', async (_what, body, reason) => {
    const first = '(drop (call $stream.read-async (local.get $r) (i32.const 0) (i32.const 8)))';
    expect(await runWith(`(block (result i32) ${first} ${body})`)).toMatch(reason);
  });

  test.each([
    [
      'a read through the writable end',
      '(call $stream.read (local.get $w) (i32.const 0) (i32.const 1))',
      /no such end/,
    ],
    [
      'a write through a future',
      '(call $stream.write (local.get $fw) (i32.const 0) (i32.const 1))',
      /no such end/,
    ],
    ['an unknown end', '(call $stream.read (i32.const 77) (i32.const 0) (i32.const 1))', /unknown handle/],
    ['a cancellation without a copy', '(call $stream.cancel-read (local.get $r))', /no copy/],
    [
      'a buffer out of bounds',
      '(call $stream.read (local.get $r) (i32.const 262143) (i32.const 2))',
      /out of bounds/,
    ],
    [
      'a huge buffer',
      '(call $stream.read (local.get $r) (i32.const 0) (i32.const -1))',
      /buffer of 4294967295/,
    ],
    [
      'a double drop',
      `(block (result i32) (call $stream.drop-readable (local.get $r)) (call $stream.drop-readable (local.get $r))
        (i32.const 0))`,
      /unknown handle/,
    ],
    [
      'a future that is dropped unwritten',
      '(block (result i32) (call $future.drop-writable (local.get $fw)) (i32.const 0))',
      /before a value was written/,
    ],
    [
      'a waiting read of an end in a set',
      `(block (result i32)
        (call $join (local.get $r) (call $set.new))
        (call $stream.read (local.get $r) (i32.const 0) (i32.const 1)))`,
      /in a waitable set/,
    ],
    [
      'the drop of a set that has waitables',
      `(block (result i32)
        (local.set $x (call $set.new))
        (call $join (local.get $r) (local.get $x))
        (call $set.drop (local.get $x)) (i32.const 0))`,
      /still has waitables/,
    ],
    [
      'a set in a set',
      '(block (result i32) (call $join (call $set.new) (call $set.new)) (i32.const 0))',
      /no waitable/,
    ],
    ['a place for events out of bounds', '(call $set.poll (call $set.new) (i32.const -8))', /out of bounds/],
    [
      'a place for events that is not aligned',
      '(call $set.poll (call $set.new) (i32.const 2))',
      /not aligned/,
    ],
  ])('%s traps', async (_what, body, reason) => {
    expect(await runWith(body)).toMatch(reason);
  });

  test('values that are not numbers do not go from an instance to itself', async () => {
    const body = `(block (result i32)
      (drop (call $stream.read-async (local.get $r) (i32.const 0) (i32.const 8)))
      (call $stream.write-async (local.get $w) (i32.const 64) (i32.const 3)))`;
    expect(await runWith(body, { element: { kind: 'char' } })).toMatch(/from itself/);
    expect(await runWith(body, { element: { kind: 'f64' } })).toBe(3 << 4);
    expect(await runWith(body, {})).toBe(3 << 4);
    expect(await runWith(body.replaceAll('(i32.const 8)', '(i32.const 0xfffffff)'), {})).toBe(3 << 4);
  });

  test('a set of thousands gives their events in the order in which they came', async () => {
    const world = new TestStore();
    const guest = await world.component(
      code(`(func (export "f") (local $set i32) (local $i i32) (local $sum i32) (local $ends i64)
        (local.set $set (call $set.new))
        (loop $make
          (local.set $ends (call $stream.new))
          (drop (call $stream.read-async (i32.wrap_i64 (local.get $ends)) (i32.const 0) (i32.const 8)))
          (call $join (i32.wrap_i64 (local.get $ends)) (local.get $set))
          (call $stream.drop-writable (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $make (i32.lt_u (local.get $i) (i32.const 20000))))
        (loop $take
          (drop (call $set.wait (local.get $set) (i32.const 32)))
          (if (i32.le_u (i32.load (i32.const 32)) (local.get $sum)) (then (unreachable)))
          (local.set $sum (i32.load (i32.const 32)))
          (local.set $i (i32.sub (local.get $i) (i32.const 1)))
          (br_if $take (local.get $i)))
        (call $task.return (call $set.poll (local.get $set) (i32.const 32))))`),
      bytes,
    );
    const f = guest.stackful('f', asyncFunc([], U32));
    const start = performance.now();
    // The handle of a dropped end is the next that is given out, so later streams have higher ones.
    expect(await world.call(f)).toBe(0);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
