import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HostTree, hostTree } from '../support/host-tree.ts';
import { expectClean, job, type ProgramRun, RUNNO, runProgram, SQLITE_0_3 } from './run-program.ts';
import { LAYOUTS, type Layout } from './volumes.ts';

interface Shell {
  readonly wasi: string;
  /** Its file. */
  readonly file: string;
  readonly args: readonly string[];
  readonly policy: object;
  /** What it says past its quota. */
  readonly full: string;
}

/** SQLite's shell as others built it: a module of wasi_unstable, and a component. */
const SHELLS: readonly Shell[] = [
  {
    wasi: '0.1',
    file: join(RUNNO, 'sqlite.wasm'),
    args: [],
    policy: {},
    full: 'Error: near line 4: disk I/O error\n',
  },
  {
    wasi: '0.3',
    file: SQLITE_0_3,
    // Its locks are directories beside the database, which would survive it.
    args: ['-vfs', 'unix-none'],
    // It looks for ~/.sqliterc, and seeds its random numbers with the time.
    policy: {
      environment: { HOME: '/' },
      clocks: { wall: { resolution: '1s' }, monotonic: { resolution: '1ms' } },
    },
    full: 'Error near line 4 of /app/fill.sql: disk I/O error\n',
  },
];

const expectCleanShell = (run: ProgramRun): void => expectClean(run, ['clocks/wall']);

const SCRIPTS = ['ledger.sql', 'fill.sql', 'half.sql', 'endless.sql', 'flood.sql'];

let app: HostTree;

beforeAll(() => {
  app = hostTree(Object.fromEntries(SCRIPTS.map((name) => [name, job(name)])));
});

afterAll(() => app[Symbol.dispose]());

interface Step {
  readonly shell: Shell;
  readonly work: HostTree;
  readonly file: string;
  readonly quota?: string;
  /** Of bytes that are written. */
  readonly budget?: string;
  readonly deadline?: string;
}

/** Runs the shell of SQLite on a file of `work`, with commands for it. */
async function runShell(
  layout: Layout,
  { shell, work, file, quota = '1MiB', budget = '64MiB', deadline = '60s' }: Step,
  ...commands: string[]
): Promise<ProgramRun> {
  const scripts = await layout.given('app', app.path);
  const reads = commands.some((command) => command.startsWith('.read'));
  return runProgram(shell.file, {
    mounts: [
      ...(reads ? [{ id: 'app', mount: '/app', volume: scripts, access: ['read'] }] : []),
      {
        id: 'work',
        mount: '/job',
        volume: await layout.work('work', work.path),
        // Its journal is a file that it deletes.
        access: ['read', 'create', 'write', 'delete'],
        quota: { bytes: quota, files: 3 },
        budget: { writeBytes: budget },
      },
    ],
    policy: { ...shell.policy, limits: { memory: '16MiB', deadline } },
    args: [...shell.args, '-batch', `/job/${file}`, ...commands],
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

const SETTINGS = SHELLS.flatMap((shell) =>
  LAYOUTS.map((layout): [string, string, Shell, Layout] => [shell.wasi, layout.name, shell, layout]),
);

describe.each(SETTINGS)('SQLite for WASI %s on %s', (_wasi, _layout, shell, layout) => {
  it('creates, inserts, indexes, selects, and finds all of it in a second instance', async () => {
    using work = hostTree({});
    const step = { shell, work, file: 'ledger.db' };
    const run = await runShell(layout, step, '.read /app/ledger.sql');
    expectCleanShell(run);
    const amount = String((1234 * 7) % 1000);
    expect(run.lines).toEqual([...expectedLedger(), amount, '1666']);
    expect(run.usage.fileBytesWritten).toBeGreaterThan(50_000);
    expect(run.usage.memory).toBeLessThan(16 * 1024 * 1024);
    if (!layout.kept) return;
    expect(readFileSync(join(work.path, 'ledger.db'), 'latin1').slice(0, 16)).toBe('SQLite format 3\0');
    expect(readdirSync(work.path)).toEqual(['ledger.db']);
    expect(checkIntegrity(join(work.path, 'ledger.db'))).toEqual({ integrity_check: 'ok' });
    const again = await runShell(layout, step, 'SELECT count(*) FROM entries;');
    expectCleanShell(again);
    expect(again.lines).toEqual(['1666']);
    expect(again.usage.fileBytesWritten).toBe(0);
  });

  it('gets an error past its quota, and its file is whole afterwards', async () => {
    using work = hostTree({});
    const step = { shell, work, file: 'full.db', quota: '128KiB' };
    const run = await runShell(layout, step, '.read /app/fill.sql');
    expect(run.lines).toEqual(['the first', '2']);
    expect(run.stderr).toBe(shell.full);
    expect(run.outcome).toEqual({ kind: 'exit', code: 1 });
    expect(run.of('denial')).toEqual([]);
    expect(run.of('limit')).toEqual([expect.objectContaining({ limit: 'work quota.bytes', value: 131_072 })]);
    if (!layout.kept) return;
    expect(readdirSync(work.path)).toEqual(['full.db']);
    expect(checkIntegrity(join(work.path, 'full.db'))).toEqual({ integrity_check: 'ok' });
    const again = await runShell(layout, step, 'SELECT count(*) FROM lines;');
    expectCleanShell(again);
    expect(again.lines).toEqual(['2']);
  });
});

const host = LAYOUTS.find(({ name }) => name === 'host') as Layout;

describe.each(SHELLS.map((shell): [string, Shell] => [shell.wasi, shell]))(
  'SQLite for WASI %s, ended in the middle of a transaction',
  (_wasi, shell) => {
    it.each([
      ['its deadline', 'endless.sql', { deadline: '2s' }, 'limits.deadline'],
      ['its budget of writes', 'flood.sql', { budget: '2MiB', quota: '16MiB' }, 'work budget.writeBytes'],
      ['its quota', 'flood.sql', { quota: '1MiB' }, 'work quota.bytes'],
    ])('by %s: the database opens clean', async (limit, script, limits, name) => {
      using work = hostTree({});
      const step = { shell, work, file: 'half.db' };
      const commands = ['.bail on', '.read /app/half.sql', `.read /app/${script}`];
      const run = await runShell(host, { ...step, ...limits }, ...commands);
      expect(run.lines).toEqual(['half done']);
      expect(run.of('limit').map((record) => record.limit)).toEqual([name]);
      // Whoever has no bytes left still ends by itself; the deadline leaves it no time for anything.
      expect(run.outcome.kind).toBe(limit === 'its deadline' ? 'limit' : 'exit');
      expect(readdirSync(work.path)).toContain('half.db-journal');
      const again = await runShell(host, step, "SELECT count(*), sum(text LIKE 'kept %') FROM lines;");
      expectCleanShell(again);
      expect(again.lines).toEqual(['200|200']);
      expect(checkIntegrity(join(work.path, 'half.db'))).toEqual({ integrity_check: 'ok' });
    });
  },
);
