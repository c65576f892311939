// npm run soak [-- --minutes N] [--seed N]: random tenants run random programs of all versions of WASI, hostile ones among them, and
// close and revoke while they run. In the end nothing has leaked, no record is lost, and every end is the one that was to come.
import { parseArgs } from 'node:util';
import { AuditLog, Engine } from '../../../src/index.ts';
import { type Job, soakJobs } from './jobs.ts';
import { RecordCount } from './record-count.ts';
import { leaks, readState, type State } from './state.ts';

/** Jobs at one time, and tenants that they are of. */
const AT_ONCE = 24;
const TENANTS = 20;
/** Stretches after each of which everything ends, and is looked at; the first ones only warm up. */
const STRETCHES = 15;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});
const total = Number(values.minutes) * 60_000;
const random = mulberry32(Number(values.seed));
const records = new RecordCount();
const engine = new Engine({ cache: false, audit: new AuditLog([records]) });
const jobs = await soakJobs(engine);
const ends = new Map<string, number>();
const faults: string[] = [];
const states: State[] = [];
let runs = 0;

console.log(`${jobs.length} kinds of jobs, ${values.minutes} minutes, --seed ${values.seed}`);
const began = performance.now();
for (let stretch = 1; stretch <= STRETCHES; stretch++) {
  const end = began + (total * stretch) / STRETCHES;
  await Promise.all(Array.from({ length: AT_ONCE }, () => work(end)));
  const state = await readState(runs);
  states.push(state);
  console.log(progress(state));
}
conclude();

async function work(end: number): Promise<void> {
  // A stretch that was late still does something.
  do {
    const job = jobs[Math.floor(random() * jobs.length)] as Job;
    const found = await job.run(`tenant${Math.floor(random() * TENANTS)}`, random);
    runs++;
    ends.set(found, (ends.get(found) ?? 0) + 1);
    if (!job.expected.test(found) && faults.length < 20) faults.push(`${job.name}: ${found}`);
  } while (performance.now() < end);
}

function progress({ heap, rss, handles, held }: State): string {
  const seconds = Math.round((performance.now() - began) / 1000);
  const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  return `${seconds} s: ${runs} runs, ${records.records} records, heap ${mib(heap)}, process ${mib(rss)}, ${handles} handles, ${held.descriptors} descriptors, ${held.timers} timers`;
}

function conclude(): void {
  for (const [end, count] of [...ends].toSorted(([, a], [, b]) => b - a)) console.log(`${count} x ${end}`);
  const { opened, closed, alive } = records;
  console.log(`${opened} instances opened, ${closed} closed`);
  const found = [...faults, ...records.faults, ...leaks(states)];
  if (alive > 0) found.push(`${alive} instances have no last record`);
  for (const fault of found) console.log(`FOUND: ${fault}`);
  console.log(
    found.length === 0 ? 'Nothing has leaked, nothing is lost.' : `repeat with --seed ${values.seed}`,
  );
  if (found.length > 0) process.exitCode = 1;
}

/** Numbers from 0 to 1, the same for the same seed. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
