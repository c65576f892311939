// npm run bench [-- --check] [--strict] [--only NAME]... [--json FILE]
import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Benchmark } from './benchmark.ts';
import { componentCalls, moduleCalls } from './benchmarks/calls.ts';
import { decisionCost } from './benchmarks/decision.ts';
import { importTime } from './benchmarks/import.ts';
import { instantiateComponent } from './benchmarks/instantiate-component.ts';
import { instantiateModule } from './benchmarks/instantiate-module.ts';
import { policyCheck } from './benchmarks/policy.ts';
import { pythonStart } from './benchmarks/python.ts';
import { figureOf, isMet, type Row } from './row.ts';
import { formatTable } from './table.ts';
import { Workspace } from './workspace.ts';

const BENCHMARKS: readonly Benchmark[] = [
  instantiateComponent,
  componentCalls,
  instantiateModule,
  moduleCalls,
  pythonStart,
  decisionCost,
  policyCheck,
  importTime,
];

const HELP = `npm run bench -- [options]

  --only NAME   run only this benchmark (may be repeated): ${BENCHMARKS.map(({ name }) => name).join(', ')}
  --json FILE   write the figures to FILE as well
  --check       a short run that only shows that every benchmark works; its figures mean nothing
  --strict      exit with 1 when a goal is missed
`;

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    json: { type: 'string' },
    check: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

interface Result {
  readonly benchmark: string;
  readonly title: string;
  readonly rows: readonly Row[];
}

if (flags.help) console.log(HELP);
else await main();

async function main(): Promise<void> {
  using workspace = new Workspace();
  console.log(`${machine()}. Medians of interleaved rounds; the policy's checks, the log and quotas are on.`);
  const results: Result[] = [];
  for (const benchmark of chosen(flags.only)) {
    console.log(`\n${benchmark.title}  [${benchmark.name}]`);
    const rows = await measure(benchmark, workspace);
    if (rows.length > 0) console.log(formatTable(rows, !flags.check));
    results.push({ benchmark: benchmark.name, title: benchmark.title, rows });
  }
  if (flags.json !== undefined) await writeFile(flags.json, report(results));
  const rows = results.flatMap((result) => result.rows);
  const missed = rows.filter((row) => isMet(row) === false);
  console.log(`\n${summary(rows.length, missed.length)}`);
  if (flags.strict && !flags.check && missed.length > 0) process.exitCode = 1;
}

/** A benchmark that fails fails the run, after the others have had their turn. */
async function measure(benchmark: Benchmark, workspace: Workspace): Promise<readonly Row[]> {
  try {
    return await benchmark.run({
      check: flags.check,
      makeDirectory: () => workspace.makeDirectory(),
    });
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
    return [];
  }
}

function chosen(names: readonly string[] | undefined): readonly Benchmark[] {
  if (names === undefined) return BENCHMARKS;
  const unknown = names.filter((name) => !BENCHMARKS.some((benchmark) => benchmark.name === name));
  if (unknown.length > 0) throw new Error(`no such benchmark: ${unknown.join(', ')}\n\n${HELP}`);
  return BENCHMARKS.filter(({ name }) => names.includes(name));
}

function machine(): string {
  return `Node.js ${process.version}, ${process.platform} ${process.arch}, ${availableParallelism()} x ${cpus()[0]?.model.trim() ?? 'CPU'}`;
}

function report(results: readonly Result[]): string {
  const benchmarks = results.map(({ benchmark, title, rows }) => ({
    benchmark,
    title,
    rows: rows.map((row) => Object.assign({ figure: figureOf(row), met: isMet(row) }, row)),
  }));
  return `${JSON.stringify({ machine: machine(), times: 'nanoseconds', check: flags.check, benchmarks }, undefined, 2)}\n`;
}

function summary(rows: number, missed: number): string {
  if (process.exitCode === 1) return 'Some benchmarks do not work.';
  if (flags.check) return `All of it works (${rows} figures, which mean nothing in so short a run).`;
  return missed === 0 ? 'Every goal is met.' : `${missed} goal(s) missed.`;
}
