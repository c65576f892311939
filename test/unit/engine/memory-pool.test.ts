import { beforeAll, describe, expect, test } from 'vitest';
import { MemoryPool } from '../../../src/engine/memory-pool.ts';
import type { Instance, Program } from '../../../src/index.ts';
import { httpGuest, watGuest } from '../../guests/index.ts';
import { engine } from '../../support/guest-run.ts';

const PAGE = 65_536;
const LIMIT = 64 * PAGE;
const ONE = [{ initial: 1, maximum: undefined, shared: false, wide: false }];

describe('a memory', () => {
  test('that is given back is given out again, cleared', () => {
    const pool = new MemoryPool(ONE);
    const first = pool.take(LIMIT);
    const bytes = new Uint8Array((first[0] as WebAssembly.Memory).buffer);
    bytes.fill(7);
    pool.giveBack(first, LIMIT);
    // At once: what is kept holds nothing of who had it.
    expect(bytes.every((byte) => byte === 0)).toBe(true);
    expect(pool.take(LIMIT)).toBe(first);
    expect(pool.take(LIMIT)).not.toBe(first);
  });

  test('that has grown is not kept', () => {
    const pool = new MemoryPool(ONE);
    const first = pool.take(LIMIT);
    first[0]?.grow(1);
    pool.giveBack(first, LIMIT);
    expect(pool.take(LIMIT)).not.toBe(first);
  });

  test('is for its own limit only', () => {
    const pool = new MemoryPool(ONE);
    const first = pool.take(LIMIT);
    pool.giveBack(first, LIMIT);
    const other = pool.take(2 * PAGE);
    expect(other).not.toBe(first);
    expect(() => other[0]?.grow(2)).toThrow(RangeError);
    expect(pool.take(LIMIT)).toBe(first);
  });

  test('that is shared is not kept', () => {
    const pool = new MemoryPool([{ initial: 1, maximum: 1, shared: true, wide: false }]);
    const first = pool.take(LIMIT);
    pool.giveBack(first, LIMIT);
    expect(pool.take(LIMIT)).not.toBe(first);
  });
});

test('no more than 8 MiB are kept', () => {
  const pool = new MemoryPool([{ initial: 50, maximum: undefined, shared: false, wide: false }]);
  const taken = [1, 2, 3].map(() => pool.take(LIMIT));
  for (const each of taken) pool.giveBack(each, LIMIT);
  const again = [1, 2, 3].map(() => pool.take(LIMIT));
  expect(again.filter((each) => taken.includes(each))).toHaveLength(2);
});

describe('an instance', () => {
  let program: Program;
  beforeAll(async () => {
    program = await engine.compile(await httpGuest('server'), { name: 'server.wasm' });
  });

  const POLICY = { version: 1, clocks: { monotonic: { resolution: '1ms' } } };
  const ask = async (instance: Instance, path: string): Promise<string> =>
    (await instance.fetch(new Request(`http://a.example${path}`))).text();

  /** @returns how many memories were made while `work` ran */
  async function made(work: () => Promise<void>): Promise<number> {
    let count = 0;
    const { Memory } = WebAssembly;
    WebAssembly.Memory = class extends Memory {
      constructor(descriptor: WebAssembly.MemoryDescriptor) {
        super(descriptor);
        count++;
      }
    };
    try {
      await work();
    } finally {
      WebAssembly.Memory = Memory;
    }
    return count;
  }

  const quiet = async (): Promise<void> => {
    await using instance = await program.instantiate({ policy: POLICY });
    expect(await ask(instance, '/count')).toBe('1');
    await instance.idle();
  };

  test('has the memory of one that came to a quiet end, and nothing of what was in it', async () => {
    await quiet();
    expect(await made(quiet)).toBe(0);
  });

  test.each([
    ['a trap', '/trap', '1min'],
    // Long enough for the call to begin on a busy machine.
    ['its deadline', '/never', '500ms'],
  ])('leaves its memory to nobody after %s', async (_what, path, deadline) => {
    await quiet();
    const failing = async (): Promise<void> => {
      const policy = { ...POLICY, limits: { deadline } };
      await using instance = await program.instantiate({ policy });
      await ask(instance, path).catch(() => undefined);
    };
    await failing();
    expect(await made(quiet)).toBe(1);
  });

  test('leaves its memory to nobody when it is closed in a call', async () => {
    await quiet();
    const instance = await program.instantiate({ policy: POLICY });
    const answer = expect(ask(instance, '/never')).rejects.toThrow();
    await instance.close();
    await answer;
    expect(await made(quiet)).toBe(1);
  });

  test('that the glue links leaves its memory to nobody', async () => {
    const library = await engine.compile(
      await watGuest(`(component
        (core module $m (memory (export "memory") 1) (func (export "f")))
        (core instance $i (instantiate $m))
        (func (export "f") (canon lift (core func $i "f"))))`),
      { name: 'library.wasm' },
    );
    const open = async (): Promise<void> => {
      await using instance = await library.instantiate({ policy: { version: 1 } });
      await instance.call('f');
    };
    await open();
    expect(await made(open)).toBe(1);
  });
});
