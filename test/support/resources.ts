import { readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What keeps a process going, or is open in it. Timers of the test runner come and go. */
export interface Held {
  /** Sockets, lookups, requests to the file system. */
  readonly resources: Readonly<Record<string, number>>;
  readonly timers: number;
  readonly descriptors: number;
}

/** What the test runner has of its own, or what comes and goes by itself. */
const RUNNER = /Immediate|Pipe|Message|TTY|FSReqPromise|Worker/;

/** @returns what this process holds now */
export function heldResources(): Held {
  const all = process.getActiveResourcesInfo();
  const timers = all.filter((name) => name === 'Timeout').length;
  const others = all.filter((name) => name !== 'Timeout' && !RUNNER.test(name));
  const resources: Record<string, number> = {};
  for (const name of others) resources[name] = (resources[name] ?? 0) + 1;
  return { resources, timers, descriptors: readdirSync('/proc/self/fd').length };
}

/** Timers of the test runner come and go; what the guests had must be gone. */
export function isNoMore(now: Held, before: Held): boolean {
  return (
    now.timers <= before.timers &&
    now.descriptors <= before.descriptors &&
    Object.entries(now.resources).every(([name, count]) => count <= (before.resources[name] ?? 0))
  );
}

/** @returns bytes of the heap that are in use, after everything that can go has gone */
export async function heapInUse(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed;
}
