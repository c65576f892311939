import { expect } from 'vitest';
import { p3Guest } from '../guests/p3.ts';
import { type GuestOptions, type GuestRun, openGuest } from '../support/guest-run.ts';
import { heldResources } from '../support/resources.ts';

/** What became of a case of test/guests/p3/hostile.c. */
export interface HostileRun {
  readonly run: GuestRun;
  /** Bytes outside of the heap that came with it, at its end: buffers, and what only native code knows. */
  readonly grew: number;
  /** Turns of the event loop while it ran. */
  readonly beats: number;
  /** Milliseconds. */
  readonly took: number;
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
  { limits = {}, ...options }: GuestOptions & { readonly limits?: object } = {},
): Promise<HostileRun> {
  const before = { held: heldResources(), bytes: outsideOfHeap() };
  const { instance, run } = await open(name, { ...LIMITS, ...limits }, options);
  const started = performance.now();
  const heartbeat = startHeartbeat();
  const result = await run();
  const beats = heartbeat();
  const took = performance.now() - started;
  const grew = outsideOfHeap() - before.bytes;
  expect(instance.usage().handles, 'handles at the end').toBe(0);
  await instance.close();
  await expect.poll(() => heldResources()).toEqual(before.held);
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

function outsideOfHeap(): number {
  const { external, arrayBuffers } = process.memoryUsage();
  return external + arrayBuffers;
}
