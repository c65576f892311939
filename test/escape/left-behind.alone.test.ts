/**
 * A thousand guests of WASI 0.3 that hold a connection, files, standard streams and a sleep, and then end in one of the ways in
 * which a guest can: nothing of them stays, neither in the process nor in its heap.
 */
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Instance, RunResult } from '../../src/index.ts';
import { p3Guest } from '../guests/p3.ts';
import { openGuest } from '../support/guest-run.ts';
import { handleCount } from '../support/handle-count.ts';
import { type Held, heapInUse, heldResources, isNoMore } from '../support/resources.ts';
import { tcpServer, type TestServer } from '../support/tcp-servers.ts';

/** For each of the endings: a thousand in all. */
const INSTANCES = 200;
const AT_ONCE = 50;

/** Handles of a guest that has everything. */
const HELD = 18;

/** Of which nobody knows when they are paid back: code that was compiled meanwhile, maps that have grown. */
const HEAP_ALLOWANCE = 3 << 20;

/** Never gives anything, and does not end. */
async function* silence(): AsyncGenerator<Uint8Array> {
  await new Promise(() => undefined);
  yield new Uint8Array();
}

/** Takes the first chunk, and never asks for another. */
const stuck = { write: (): Promise<void> => new Promise(() => undefined) };

interface Ending {
  /** What the guest is told. */
  readonly word: 'exit' | 'trap' | 'loop' | 'wait';
  readonly limits?: object;
  /** When it holds everything. */
  readonly end?: (instance: Instance) => unknown;
  readonly outcome: object;
}

const revokeAll = (instance: Instance): void => {
  for (const { id } of instance.grants) instance.revoke(id);
};

const ENDINGS: Readonly<Record<string, Ending>> = {
  finished: { word: 'exit', outcome: { kind: 'exit', code: 0 } },
  trapped: { word: 'trap', outcome: { kind: 'trap' } },
  'closed in the middle': {
    word: 'wait',
    end: (instance) => instance.close(),
    outcome: { kind: 'cancelled' },
  },
  'past the deadline, waiting': {
    word: 'wait',
    limits: { deadline: '500ms' },
    outcome: { kind: 'limit', limit: 'limits.deadline' },
  },
  'with all its grants revoked': { word: 'wait', end: revokeAll, outcome: { kind: 'exit', code: 0 } },
};

let server: TestServer;
let program: Uint8Array;
let before: Held;
/** Connections that were opened, and those that the server has accepted. */
let opened = 0;
let accepted = 0;

beforeAll(async () => {
  program = await p3Guest('holder');
});
beforeEach(async () => {
  opened = accepted = 0;
  server = await tcpServer('127.0.0.1', (socket) => {
    accepted++;
    socket.on('end', () => socket.destroy()).resume();
  });
  before = heldResources();
});
afterEach(() => server.close());

async function runOne({ word, limits = {}, end }: Ending): Promise<RunResult> {
  const { instance } = await openGuest(program, 'component', {
    grant: {
      clocks: { monotonic: { resolution: '1ms' } },
      filesystem: [{ id: 'm', mount: '/m', memory: {}, access: 'read-write' }],
      sockets: [{ id: 's', protocol: 'tcp', connect: `127.0.0.1:${server.port}` }],
      limits: { handles: 100, ...limits },
    },
    stdin: silence(),
    stdout: stuck,
    args: [word, `${server.port}`],
  });
  opened++;
  const running = instance.run();
  if (end !== undefined) {
    while (instance.usage().handles < HELD) await nextTurn();
    await end(instance);
  }
  const result = await running;
  await instance.close();
  return result;
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function runMany(count: number, ending: Ending): Promise<void> {
  for (let done = 0; done < count; done += AT_ONCE) {
    const results = await Promise.all(Array.from({ length: AT_ONCE }, () => runOne(ending)));
    for (const { outcome } of results) expect(outcome).toMatchObject(ending.outcome);
    // Otherwise the system has its hands full with what it accepted by itself, and lets the next ones wait for seconds.
    for (let turns = 0; accepted < opened && turns < 1000; turns++) await nextTurn();
    server.connections.length = 0;
  }
}

/** @returns bytes: of the first round that is within the allowance, otherwise of the last */
async function growth(ending: Ending): Promise<number> {
  // What is compiled late makes the heap grow in one round or two; what stays of instances, in every one.
  for (let round = 1; ; round++) {
    const heap = await heapInUse();
    await runMany(INSTANCES, ending);
    const grown = (await heapInUse()) - heap;
    if (grown < HEAP_ALLOWANCE || round === 3) return grown;
  }
}

describe('left-behind', () => {
  test.each(Object.keys(ENDINGS))('%s: nothing', { timeout: 240_000 }, async (name) => {
    const ending = ENDINGS[name] as Ending;
    // What is compiled and grown once is there by then.
    await runMany(INSTANCES / 2, ending);
    expect(await growth(ending)).toBeLessThan(HEAP_ALLOWANCE);
    expect(handleCount.open).toBe(0);
    // The peer's end of a connection goes a moment after ours.
    await expect.poll(() => isNoMore(heldResources(), before)).toBe(true);
  });
});
