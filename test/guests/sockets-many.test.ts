import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditLog, type Instance, type Program, type RunResult } from '../../src/index.ts';
import { Collector, engine, TALKING } from '../support/guest-run.ts';
import { tcpServer, type TestServer } from '../support/tcp-servers.ts';
import { worldGuest } from './index.ts';

/** Enough that one wait that blocked the thread would show, and that a search through all of them at each would. */
const GUESTS = 1000;

interface Blocked {
  readonly instance: Instance;
  readonly stdout: Collector;
  readonly running: Promise<RunResult>;
}

let program: Program;
let server: TestServer;

beforeAll(async () => {
  program = await engine.compile(await worldGuest('sockets'), { name: 'sockets.wasm' });
  // It takes all connections and says nothing.
  server = await tcpServer('127.0.0.1', () => undefined);
});

afterAll(() => server.close());

/** Starts a guest that connects and waits for a byte. */
async function block(limits: object = {}): Promise<Blocked> {
  const stdout = new Collector();
  const instance = await program.instantiate({
    policy: {
      ...TALKING,
      sockets: [{ id: 'server', protocol: 'tcp', connect: `127.0.0.1:${server.port}` }],
      limits,
    },
    args: `tcp 4 + connect 127.0.0.1 ${server.port} + recv 1`.split(' '),
    stdout,
    audit: new AuditLog(),
  });
  return { instance, stdout, running: instance.run() };
}

/** The longest time that a timer of 5 ms had to wait for its turn, in milliseconds, while `work` went on. */
async function longestWait(
  work: () => Promise<unknown>,
): Promise<{ readonly beats: number; readonly longest: number }> {
  let beats = 0;
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last - 5);
    last = now;
    beats++;
  }, 5);
  try {
    await work();
    return { beats, longest };
  } finally {
    clearInterval(timer);
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function ended(guests: readonly Blocked[]): Promise<ReadonlySet<string>> {
  const results = await Promise.all(guests.map(({ running }) => running));
  return new Set(results.map(({ outcome }) => JSON.stringify(outcome)));
}

describe(`${GUESTS} guests that are blocked on sockets in one thread`, () => {
  const guests: Blocked[] = [];

  it('wait while a timer keeps its beat', { timeout: 120_000 }, async () => {
    while (guests.length < GUESTS) {
      guests.push(...(await Promise.all(Array.from({ length: 20 }, () => block()))));
    }
    await server.connection(GUESTS - 1);
    await sleep(200);
    expect(guests.every(({ instance }) => instance.outcome === undefined)).toBe(true);
    const { beats, longest } = await longestWait(() => sleep(1000));
    // Nothing runs but the timer.
    expect(longest).toBeLessThan(250);
    expect(beats).toBeGreaterThan(50);
  });

  it('wake up one by one, each for its own byte', async () => {
    const [first] = guests.splice(0, 1);
    const others = [...guests];
    // Which connection is whose does not matter: just one guest wakes up for each byte.
    server.connections[0]?.write('!');
    await Promise.race([first?.running, ...others.map(({ running }) => running)]);
    const woken = [first, ...others].filter((guest) => guest?.instance.outcome !== undefined);
    expect(woken).toHaveLength(1);
    expect(woken[0]?.stdout.text()).toBe('tcp=ok\nconnect=ok\nrecv=!\n');
    if (first !== undefined && first !== woken[0]) guests.push(first);
    const at = guests.indexOf(woken[0] as Blocked);
    if (at >= 0) guests.splice(at, 1);
  });

  it('wake up when their rule is taken back, at once', async () => {
    const some = guests.splice(0, 300);
    const before = performance.now();
    for (const { instance } of some) instance.revoke('server');
    expect(await ended(some)).toEqual(new Set(['{"kind":"exit","code":0}']));
    expect(performance.now() - before).toBeLessThan(3000);
    expect(new Set(some.map(({ stdout }) => stdout.text()))).toEqual(
      new Set(['tcp=ok\nconnect=ok\nrecv=failed access-denied\n']),
    );
  });

  it('are closed at once', async () => {
    const some = guests.splice(0, 300);
    const before = performance.now();
    await Promise.all(some.map(({ instance }) => instance.close()));
    expect(await ended(some)).toEqual(new Set(['{"kind":"cancelled"}']));
    expect(performance.now() - before).toBeLessThan(3000);
  });

  it('end at their deadlines', async () => {
    const some = await Promise.all(Array.from({ length: 100 }, () => block({ deadline: '1s' })));
    const outcomes = await ended(some);
    expect([...outcomes].every((outcome) => outcome.includes('limits.deadline'))).toBe(true);
  });

  it('leave no connection behind', async () => {
    await Promise.all(guests.map(({ instance }) => instance.close()));
    await ended(guests);
    const open = (): number =>
      server.connections.filter((socket) => !socket.readableEnded && !socket.destroyed).length;
    for (const socket of server.connections) socket.resume();
    while (open() > 0) await sleep(10);
    expect(open()).toBe(0);
  });
});
