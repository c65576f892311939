// Starts instances as its parent asks: `node --expose-gc density-process.ts CONTESTANT PROGRAM LIVE BURST`. A process of its own
// for each contestant, because the memory of a process has what all of them left.
import { readFile } from 'node:fs/promises';
import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { Engine, normalizePolicy } from '../../src/index.ts';
import { Workspace } from '../workspace.ts';

/** What one contestant did. Bytes are of one instance. */
export interface Density {
  readonly rss: number;
  readonly heap: number;
  /** Nanoseconds of all starts at once, and the longest time in which a timer of 1 ms had no beat. */
  readonly burst: number;
  readonly gap: number;
  /** Of those, the longest that V8's collector took. */
  readonly pause: number;
}

/** @returns what keeps the instance */
type Start = () => unknown;

const WARM_UP = 50;

/** Instances that stay alive. */
const kept: unknown[] = [];

const [contestant, file = '', live = '0', burst = '0'] = process.argv.slice(2);
using workspace = new Workspace();
const start = await contestantOf(await readFile(file));
await startAtOnce(WARM_UP);
const density = { ...(await startBurst(Number(burst))), ...(await keepAlive(Number(live))) };
process.send?.(density satisfies Density, () => process.exit());

async function contestantOf(bytes: Uint8Array): Promise<Start> {
  switch (contestant) {
    case 'node:wasi': {
      const { NodeWasiProgram } = await import('./node-wasi.ts');
      const program = await NodeWasiProgram.compile(bytes, workspace);
      return () => program.instantiate();
    }
    case 'jco': {
      const { JcoProgram } = await import('./jco.ts');
      const program = await JcoProgram.compile(bytes, workspace);
      return () => program.instantiate();
    }
    default: {
      const engine = new Engine({ cache: false, instances: { maxInstances: 15_000 } });
      const program = await engine.compile(bytes);
      const policy = normalizePolicy({
        version: 1,
        filesystem: [{ mount: '/data', memory: {}, access: 'read-write', quota: { bytes: '1MiB' } }],
        environment: { LANG: 'C.UTF-8' },
        arguments: true,
      });
      return () => program.instantiate({ policy });
    }
  }
}

/** Keeps what a synchronous start throws from its neighbours as well. */
function startAtOnce(count: number): Promise<unknown[]> {
  return Promise.all(Array.from({ length: count }, async () => start()));
}

async function startBurst(count: number): Promise<Pick<Density, 'burst' | 'gap' | 'pause'>> {
  await collect();
  let pause = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) pause = Math.max(pause, duration);
  });
  observer.observe({ entryTypes: ['gc'] });
  let last = performance.now();
  let gap = 0;
  const beat = (): void => {
    const now = performance.now();
    gap = Math.max(gap, now - last);
    last = now;
  };
  const timer = setInterval(beat, 1);
  await turn();
  const begin = performance.now();
  const instances = await startAtOnce(count);
  const taken = performance.now() - begin;
  beat();
  clearInterval(timer);
  await turn();
  observer.disconnect();
  await Promise.all(instances.map(close));
  return { burst: taken * 1e6, gap: gap * 1e6, pause: pause * 1e6 };
}

async function close(instance: unknown): Promise<void> {
  if (typeof instance === 'object' && instance !== null && 'close' in instance)
    await (instance.close as () => Promise<void>).call(instance);
}

async function keepAlive(count: number): Promise<Pick<Density, 'rss' | 'heap'>> {
  await collect();
  const before = process.memoryUsage();
  while (kept.length < count) kept.push(...(await startAtOnce(Math.min(100, count - kept.length))));
  await collect();
  const after = process.memoryUsage();
  if (kept.length !== count) throw new Error(`${kept.length} of ${count} instances are alive`);
  return { rss: (after.rss - before.rss) / count, heap: (after.heapUsed - before.heapUsed) / count };
}

async function collect(): Promise<void> {
  for (let i = 0; i < 4; i++) {
    globalThis.gc?.();
    await turn();
  }
}
