import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Context, effortOf } from '../benchmark.ts';
import { StreamsRunner } from '../contestants/streams-runner.ts';
import { compare, type Contestant, reading, type Readings } from '../measure.ts';
import { streamsGuest } from '../programs.ts';
import type { Goal, Row } from '../row.ts';

const PEER = 'jco + preview3-shim';
const MEMORY = 'ours, in memory';
const HOST = 'ours, on the host';
const SLEEPS = 100;
const SLEEP_MICROSECONDS = 1000;

/** A job of bench/guests/streams.c. */
interface Job {
  readonly what: string;
  readonly args: readonly string[];
  readonly stdout: number;
  /** Whether it does anything with files, which our two volumes differ in. */
  readonly files: boolean;
  readonly goal: Goal;
}

/** One component on both sides, and a process for each, whose standard output and directory are on tmpfs. */
export async function streams(context: Context): Promise<readonly Row[]> {
  const component = join(context.workspace.makeDirectory(), 'streams.wasm');
  await writeFile(component, await streamsGuest());
  const start = (name: string): Promise<StreamsRunner> =>
    StreamsRunner.start(name, component, context.workspace.makeDirectory());
  await using memory = await start('memory');
  await using host = await start('host');
  await using jco = await start('jco');
  const jobs = jobsOf(context.check ? 1 : 64);
  const contestants = Object.entries({ [MEMORY]: memory, [HOST]: host, [PEER]: jco }).map(
    ([name, runner]): Contestant => ({ name, round: () => round(runner, jobs) }),
  );
  const results = await compare(contestants, effortOf(context, { warmUp: 1, rounds: 5 }));
  return jobs.flatMap(({ what, files, goal }) =>
    (files ? [MEMORY, HOST] : [MEMORY]).map((name) => ({
      what: files ? `${what}; ${name}` : what,
      ours: reading(results, name, what),
      peer: { name: PEER, time: reading(results, PEER, what) },
      goal,
    })),
  );
}

function jobsOf(mebibytes: number): Job[] {
  const copy = (word: string, text: string, stdout: number): Job => ({
    what: `${text} ${mebibytes} MiB, 64 KiB at a time`,
    args: [word, `${mebibytes}`, '64'],
    stdout,
    files: stdout === 0,
    goal: { kind: 'faster', times: 3 },
  });
  return [
    copy('write', 'write', 0),
    copy('read', 'read', 0),
    copy('stdout', 'standard output of', mebibytes * 2 ** 20),
    {
      what: `${SLEEPS} sleeps of ${SLEEP_MICROSECONDS / 1000} ms at once`,
      args: ['sleep', `${SLEEPS}`, `${SLEEP_MICROSECONDS}`],
      stdout: 0,
      files: false,
      goal: { kind: 'faster', times: 1 },
    },
  ];
}

/** One after the other, in the order in which they need each other: what is read is what was written. */
async function round(runner: StreamsRunner, jobs: readonly Job[]): Promise<Readings> {
  const readings = new Map<string, number>();
  for (const { what, args, stdout } of jobs) readings.set(what, await runner.run(args, stdout));
  return readings;
}
