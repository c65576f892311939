import { expect } from 'vitest';
import { p3Guest } from '../guests/p3.ts';
import { type GuestOptions, type GuestRun, openGuest } from '../support/guest-run.ts';
import { handleCount } from '../support/handle-count.ts';
import { heapInUse, heldResources, isNoMore } from '../support/resources.ts';

/** What became of a case of test/guests/p3/hostile.c. */
export interface HostileRun {
  readonly run: GuestRun;
  /** Bytes outside of the heap that came with it; of those that are weighed, what is left of it in the heap as well. */
  readonly grew: number;
  /** Turns of the event loop while it ran. */
  readonly beats: number;
  /** Milliseconds. */
  readonly took: number;
}

export interface HostileOptions extends GuestOptions {
  readonly limits?: object;
  /** The garbage is collected before and after it. */
  readonly weighed?: boolean;
}

/** All that the cases use. */
const GRANT = {
  clocks: { monotonic: { resolution: '1ms' } },
  random: 'secure',
  filesystem: [
    { id: 'm', mount: '/m', memory: {}, access: 'read-write', quota: { bytes: '1MiB', files: 10 } },
  ],
};

/** No case may end by this. */
const LIMITS = { memory: '16MiB', handles: 100, deadline: '10s' };

/** Never gives anything, and does not end. */
async function* silence(): AsyncGenerator<Uint8Array> {
  await new Promise(() => undefined);
  yield new Uint8Array();
}

/** Runs one case, then checks what holds after each: nothing is held, a sibling is served. */
export async function runHostile(
  name: string,
  { limits = {}, weighed = false, ...options }: HostileOptions = {},
): Promise<HostileRun> {
  await warmUp();
  const before = { held: heldResources(), bytes: await bytesInUse(weighed) };
  const { instance, run } = await open(name, { ...LIMITS, ...limits }, options);
  const started = performance.now();
  const heartbeat = startHeartbeat();
  const result = await run();
  const beats = heartbeat();
  const took = performance.now() - started;
  await instance.close();
  expect(handleCount.open, 'handles at the end').toBe(0);
  await expect.poll(() => isNoMore(heldResources(), before.held)).toBe(true);
  const grew = (await bytesInUse(weighed)) - before.bytes;
  const sibling = await open('memory-grow', LIMITS, {});
  expect((await sibling.run()).outcome, 'of a sibling').toEqual({ kind: 'exit', code: 0 });
  return { run: result, grew, beats, took };
}

async function open(
  name: string,
  limits: object,
  options: GuestOptions,
): Promise<Awaited<ReturnType<typeof openGuest>>> {
  return openGuest(await p3Guest('hostile'), 'component', {
    grant: { ...GRANT, limits },
    stdin: silence(),
    line: name,
    ...options,
  });
}

function startHeartbeat(): () => number {
  let beats = 0;
  const timer = setInterval(() => beats++, 1);
  return () => {
    clearInterval(timer);
    return beats;
  };
}

async function bytesInUse(weighed: boolean): Promise<number> {
  const heap = weighed ? await heapInUse() : 0;
  return heap + process.memoryUsage().external;
}

/** What is loaded and compiled once is there before anything counts. */
function warmUp(): Promise<unknown> {
  return (warm ??= open('memory-grow', LIMITS, {}).then(({ run }) => run()));
}

let warm: Promise<unknown> | undefined;
