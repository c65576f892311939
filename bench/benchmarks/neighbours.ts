import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { watGuest } from '../../test/guests/index.ts';
import { Engine, type Instance, type Program } from '../../src/index.ts';
import type { Context } from '../benchmark.ts';
import type { Row } from '../row.ts';

/** limits.slice of everybody, the default. */
const SLICE_MS = 5;
const HOSTILE = 50;

/** Far more than they can use: nothing but the slice bounds the loops. */
const policy = { version: 1, limits: { slice: `${SLICE_MS}ms`, cpu: '1h' } } as const;

/** A loop without end, and a call that takes some 50 µs. */
const LOOP = '(module (func (export "f") (loop $forever (br $forever))))';
const SHORT = `(module (func (export "f") (param i32) (result i32) (local i32)
  (loop $more
    (local.set 1 (i32.add (local.get 1) (local.get 0)))
    (br_if $more (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
  (local.get 1)))`;
const ROUNDS = 20_000;

/**
 * Asks for calls at random times, about every 7 ms, as clients do who know nothing of the turns of this thread. A timer of this
 * thread would fire between two slices, and not count how long it had waited for that. The clock is the machine's: both threads
 * have the same.
 */
const CLIENT = `const { parentPort, workerData } = require('node:worker_threads');
const ask = (left) => {
  parentPort.postMessage(process.hrtime.bigint());
  if (left > 1) setTimeout(ask, 1 + 12 * Math.random(), left - 1);
};
ask(workerData);`;

/** How long the calls of a tenant take while it is alone, and beside tenants who never stop computing. */
export async function neighbours({ check }: Context): Promise<readonly Row[]> {
  const engine = new Engine({ cache: false });
  const [loop, short] = await Promise.all(
    [LOOP, SHORT].map(async (text) => engine.compile(await watGuest(text))),
  );
  await using sibling = await (short as Program).instantiate({ policy, tenant: 'sibling' });
  const calls = check ? 20 : 1000;
  await latencies(sibling, check ? 1 : 200);
  const alone = await latencies(sibling, calls);
  const hostile = await startLoops(loop as Program);
  const start = performance.now();
  const beside = await latencies(sibling, calls);
  assertComputed(hostile, performance.now() - start);
  await Promise.all(hostile.map((instance) => instance.close()));
  return [
    versus('half of the calls', at(alone, 0.5), at(beside, 0.5)),
    versus('99 of 100 calls', at(alone, 0.99), at(beside, 0.99)),
    {
      what: `99 of 100 calls, beside ${HOSTILE} endless loops, in slices`,
      ours: at(beside, 0.99),
      peer: { name: 'one slice', time: SLICE_MS * 1e6 },
      goal: { kind: 'costs', times: 3 },
    },
  ];
}

/** A tenant each. */
async function startLoops(program: Program): Promise<Instance[]> {
  const starts = Array.from({ length: HOSTILE }, (_, index) =>
    program.instantiate({ policy, tenant: `hostile${index}` }),
  );
  const instances = await Promise.all(starts);
  // Each ends when it is closed.
  for (const instance of instances) instance.call('f').catch(() => undefined);
  return instances;
}

/** The figures mean nothing unless the loops had the thread for nearly all of the time. */
function assertComputed(hostile: readonly Instance[], elapsed: number): void {
  const ended = hostile.filter(({ outcome }) => outcome !== undefined).length;
  const computed = hostile.reduce((sum, instance) => sum + instance.usage().cpuTime, 0) / 1e6;
  if (ended === 0 && computed > 0.7 * elapsed) return;
  throw new Error(`${ended} loops have ended; they computed ${computed} ms of ${elapsed} ms`);
}

/** @returns nanoseconds from when a call was asked for to when its result was there, in order of size */
async function latencies(instance: Instance, calls: number): Promise<readonly number[]> {
  const times: number[] = [];
  let last: Promise<void> = Promise.resolve();
  const client = new Worker(CLIENT, { eval: true, workerData: calls });
  client.on('message', (askedAt: bigint) => {
    last = last.then(async () => {
      await instance.call('f', ROUNDS);
      times.push(Number(process.hrtime.bigint() - askedAt));
    });
  });
  await once(client, 'exit');
  await last;
  if (times.length !== calls) throw new Error(`${times.length} of ${calls} calls were made`);
  return times.toSorted((a, b) => a - b);
}

function at(times: readonly number[], part: number): number {
  return times[Math.floor(times.length * part)] ?? Number.NaN;
}

function versus(what: string, alone: number, beside: number): Row {
  return {
    what: `${what}, beside ${HOSTILE} endless loops`,
    ours: beside,
    peer: { name: 'alone', time: alone },
  };
}
