// npm run fuel [-- --node PATH]...: whether large programs do the same metered as not, and programs spend the same in this Node.js
// and in others; without --node, in the newest of 24, which npx gets.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { computeGuest } from '../../../bench/programs.ts';
import { guest } from '../../guests/index.ts';
import { p3LibcGuest } from '../../guests/p3.ts';
import { RUNNO } from '../run-program.ts';
import type { Count, CountedRun } from './count.ts';
import { type JobName, JOBS, MeteredJobs } from './jobs.ts';

const run = promisify(execFile);
const { values } = parseArgs({ options: { node: { type: 'string', multiple: true } } });

await compareJobs();
await compareVersions([process.execPath, ...(values.node ?? [await node24()])]);

async function compareJobs(): Promise<void> {
  using jobs = await MeteredJobs.open(true);
  for (const name of Object.keys(JOBS) as JobName[])
    console.log(`${name}: the same metered as not, ${(await jobs.compare(name)).toLocaleString('en')} units`);
}

/** @returns its path */
async function node24(): Promise<string> {
  const found = await run('npx', ['--yes', '--package', 'node@24', '--', 'node', '-p', 'process.execPath']);
  return found.stdout.trim();
}

async function compareVersions(nodes: readonly string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bailiwick-fuel-'));
  try {
    const manifest = join(folder, 'runs.json');
    await writeFile(manifest, JSON.stringify(await writePrograms(folder)));
    const [first, ...others] = await Promise.all(nodes.map((node) => countIn(node, manifest)));
    for (const [name, { fuel, outcome }] of Object.entries(first?.counts ?? {})) {
      assert.deepEqual(outcome, { kind: 'exit', code: 0 }, name);
      console.log(`${name}: ${fuel.toLocaleString('en')} units`);
    }
    for (const other of others) {
      assert.notEqual(other.version, first?.version, 'it is the same Node.js');
      assert.deepEqual(other.counts, first?.counts);
      console.log(`Node.js ${other.version}: the same as ${first?.version}`);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function writePrograms(folder: string): Promise<CountedRun[]> {
  const [compute, small] = [await computeGuest(), await guest('process')];
  const programs: Record<string, readonly [bytes: Uint8Array, ...args: string[]]> = {
    'a loop': [compute.module, 'loop:1'],
    'SHA-256': [compute.module, 'sha256:1'],
    qsort: [compute.module, 'sort:1'],
    'Mandelbrot set': [compute.module, 'mandelbrot:1'],
    'recursion, in a component of 0.2': [compute.component, 'recursion:1'],
    'arguments, of 0.1': [small.module, 'arguments', 'x'],
    'arguments, of 0.2': [small.component, 'arguments', 'x'],
    'arguments, of 0.3': [await p3LibcGuest('process'), 'arguments', 'x'],
  };
  const sqlite = {
    name: 'SQLite',
    file: join(RUNNO, 'sqlite.wasm'),
    args: [':memory:', 'SELECT hex(zeroblob(9999));'],
  };
  const written = Object.entries(programs).map(async ([name, [bytes, ...args]], index) => {
    const file = join(folder, `${index}.wasm`);
    await writeFile(file, bytes);
    return { name, file, args };
  });
  return [sqlite, ...(await Promise.all(written))];
}

interface Counted {
  readonly version: string;
  readonly counts: Readonly<Record<string, Count>>;
}

async function countIn(node: string, manifest: string): Promise<Counted> {
  const { stdout: version } = await run(node, ['--version']);
  const { stdout } = await run(node, [join(import.meta.dirname, 'count.ts'), manifest]);
  return { version: version.trim(), counts: JSON.parse(stdout) as Record<string, Count> };
}
