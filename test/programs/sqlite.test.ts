import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HostTree, hostTree } from '../support/host-tree.ts';
import { expectClean, job, type ProgramRun, RUNNO, runProgram } from './run-program.ts';
import { LAYOUTS, type Layout } from './volumes.ts';

/** A module of wasi_unstable. */
const SQLITE = join(RUNNO, 'sqlite.wasm');

let app: HostTree;

beforeAll(() => {
  app = hostTree({ 'ledger.sql': job('ledger.sql'), 'fill.sql': job('fill.sql') });
});

afterAll(() => app[Symbol.dispose]());

/** Runs the shell of SQLite on a file of `work`, with commands for it. */
async function runShell(
  layout: Layout,
  { work, file, quota = '1MiB' }: { work: HostTree; file: string; quota?: string },
  ...commands: string[]
): Promise<ProgramRun> {
  const scripts = await layout.given('app', app.path);
  const reads = commands.some((command) => command.startsWith('.read'));
  return runProgram(SQLITE, {
    mounts: [
      ...(reads ? [{ id: 'app', mount: '/app', volume: scripts, access: ['read'] }] : []),
      {
        id: 'work',
        mount: '/job',
        volume: await layout.work('work', work.path),
        // Its journal is a file that it deletes.
        access: ['read', 'create', 'write', 'delete'],
        quota: { bytes: quota, files: 3 },
      },
    ],
    policy: { limits: { memory: '16MiB', deadline: '60s' } },
    args: ['-batch', `/job/${file}`, ...commands],
  });
}

/** The program was built without this check; another SQLite has it. */
function checkIntegrity(file: string): unknown {
  using database = new DatabaseSync(file, { readOnly: true });
  return { ...database.prepare('PRAGMA integrity_check').get() };
}

/** What is left of 2,000 entries, per account. */
function expectedLedger(): string[] {
  const entries = Array.from({ length: 2000 }, (_, index) => index + 1)
    .map((n) => ({ account: (n % 3) + 1, amount: (n * 7) % 1000 }))
    .filter(({ account, amount }) => account !== 3 || amount >= 500);
  return ['books', 'food', 'rent'].map((name, index) => {
    const amounts = entries.filter(({ account }) => account === 3 - index).map(({ amount }) => amount);
    return `${name}|${amounts.length}|${amounts.reduce((sum, amount) => sum + amount, 0)}`;
  });
}

describe.each(LAYOUTS)('SQLite on $name', (layout) => {
  it('creates, inserts, indexes, selects, and finds all of it in a second instance', async () => {
    using work = hostTree({});
    const step = { work, file: 'ledger.db' };
    const run = await runShell(layout, step, '.read /app/ledger.sql');
    expectClean(run);
    const amount = String((1234 * 7) % 1000);
    expect(run.lines).toEqual([...expectedLedger(), amount, '1666']);
    expect(run.usage.fileBytesWritten).toBeGreaterThan(50_000);
    expect(run.usage.memory).toBeLessThan(16 * 1024 * 1024);
    if (!layout.kept) return;
    expect(readFileSync(join(work.path, 'ledger.db'), 'latin1').slice(0, 16)).toBe('SQLite format 3\0');
    expect(readdirSync(work.path)).toEqual(['ledger.db']);
    expect(checkIntegrity(join(work.path, 'ledger.db'))).toEqual({ integrity_check: 'ok' });
    const again = await runShell(layout, step, 'SELECT count(*) FROM entries;');
    expectClean(again);
    expect(again.lines).toEqual(['1666']);
    expect(again.usage.fileBytesWritten).toBe(0);
  });

  it('gets an error past its quota, and its file is whole afterwards', async () => {
    using work = hostTree({});
    const step = { work, file: 'full.db', quota: '128KiB' };
    const run = await runShell(layout, step, '.read /app/fill.sql');
    expect(run.lines).toEqual(['the first', '2']);
    expect(run.stderr).toBe('Error: near line 4: disk I/O error\n');
    expect(run.outcome).toEqual({ kind: 'exit', code: 1 });
    expect(run.of('denial')).toEqual([]);
    expect(run.of('limit')).toEqual([expect.objectContaining({ limit: 'work quota.bytes', value: 131_072 })]);
    if (!layout.kept) return;
    expect(readdirSync(work.path)).toEqual(['full.db']);
    expect(checkIntegrity(join(work.path, 'full.db'))).toEqual({ integrity_check: 'ok' });
    const again = await runShell(layout, step, 'SELECT count(*) FROM lines;');
    expectClean(again);
    expect(again.lines).toEqual(['2']);
  });
});
