// npm run bench [-- --check] [--strict] [--only NAME]... [--json FILE]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BENCHMARKS } from './benchmarks/index.ts';
import { figureOf, isMet, type Row } from './row.ts';
import { formatTable } from './table.ts';

const HELP = `npm run bench -- [options]

  --only NAME   run only this benchmark (may be repeated): ${BENCHMARKS.map(({ name }) => name).join(', ')}
  --json FILE   write the figures to FILE as well
  --check       a short run that only shows that every benchmark works; its figures mean nothing
  --strict      exit with 1 when a goal is missed
`;

const flags = readFlags();

/** What became of one benchmark. */
interface Result {
  readonly benchmark: string;
  readonly title: string;
  /** Undefined when it does not work. */
  readonly rows: readonly Row[] | undefined;
}

const unknown = (flags.only ?? []).filter((name) => !BENCHMARKS.some((benchmark) => benchmark.name === name));
if (unknown.length > 0) {
  console.error(`no such benchmark: ${unknown.join(', ')}\n\n${HELP}`);
  process.exitCode = 2;
} else if (flags.help) {
  console.log(HELP);
} else {
  await main();
}

async function main(): Promise<void> {
  console.log(`${machine()}. Medians of interleaved rounds; the policy's checks, the log and quotas are on.`);
  const results: Result[] = [];
  for (const { name, title } of BENCHMARKS) {
    if (flags.only !== undefined && !flags.only.includes(name)) continue;
    console.log(`\n${title}  [${name}]`);
    const rows = await runAlone(name);
    console.log(rows === undefined ? '  does not work' : formatTable(rows, !flags.check));
    results.push({ benchmark: name, title, rows });
  }
  if (flags.json !== undefined) await writeFile(flags.json, report(results));
  conclude(results);
}

/** A process for each: none finds the heap, the caches or the optimised code that another one left. */
async function runAlone(name: string): Promise<readonly Row[] | undefined> {
  const child = fork(join(import.meta.dirname, 'run-alone.ts'), [name, ...(flags.check ? ['--check'] : [])], {
    // Node's own WASI, a peer, announces itself.
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  let rows: readonly Row[] | undefined;
  child.on('message', (message) => (rows = message as readonly Row[]));
  const [code] = (await once(child, 'exit')) as [number | null];
  return code === 0 ? rows : undefined;
}

function machine(): string {
  return `Node.js ${process.version}, ${process.platform} ${process.arch}, ${availableParallelism()} x ${cpus()[0]?.model.trim() ?? 'CPU'}`;
}

function report(results: readonly Result[]): string {
  const benchmarks = results.map(({ benchmark, title, rows }) => ({
    benchmark,
    title,
    rows: rows?.map((row) => Object.assign({ figure: figureOf(row), met: isMet(row) }, row)) ?? null,
  }));
  return `${JSON.stringify({ machine: machine(), times: 'nanoseconds', check: flags.check, benchmarks }, undefined, 2)}\n`;
}

/** A slow machine fails only who asked for it; a benchmark that does not work fails everybody. */
function conclude(results: readonly Result[]): void {
  const broken = results.filter(({ rows }) => rows === undefined);
  const rows = results.flatMap((result) => result.rows ?? []);
  const missed = rows.filter((row) => isMet(row) === false);
  console.log(`\n${summary(broken.length, rows.length, missed.length)}`);
  if (broken.length > 0 || (flags.strict && !flags.check && missed.length > 0)) process.exitCode = 1;
}

function summary(broken: number, rows: number, missed: number): string {
  if (broken > 0) return `${broken} benchmark(s) do not work.`;
  if (flags.check) return `All of it works (${rows} figures, which mean nothing in so short a run).`;
  return missed === 0 ? 'Every goal is met.' : `${missed} goal(s) missed.`;
}

interface Flags {
  readonly only?: string[];
  readonly json?: string;
  readonly check: boolean;
  readonly strict: boolean;
  readonly help: boolean;
}

function readFlags(): Flags {
  try {
    return parseArgs({
      options: {
        only: { type: 'string', multiple: true },
        json: { type: 'string' },
        check: { type: 'boolean', default: false },
        strict: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    process.exit(2);
  }
}
