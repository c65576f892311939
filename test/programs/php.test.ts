import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HostTree, hostTree } from '../support/host-tree.ts';
import { expectClean, job, type ProgramMount, type ProgramRun, RUNNO, runProgram } from './run-program.ts';
import { LAYOUTS, type Layout } from './volumes.ts';

const PHP = join(RUNNO, 'php-cgi-8.2.0.wasm');

const POSTS = {
  'hello.md': '# Hello & welcome\n\nThe first post.\nIt has <two> lines.\n',
  'second.md': '# Second\n\nMore.\n',
  'draft-third.md': '# Not yet\n',
};

/** What the job makes of {@link POSTS}. */
const PAGES = {
  'hello.html': '<h1>Hello &amp; welcome</h1>\n<p>The first post.</p>\n<p>It has &lt;two&gt; lines.</p>\n',
  'second.html': '<h1>Second</h1>\n<p>More.</p>\n',
};

let app: HostTree;

beforeAll(() => {
  app = hostTree({ 'site.php': job('site.php'), 'overstep.php': job('overstep.php'), posts: POSTS });
});

afterAll(() => app[Symbol.dispose]());

/** Runs a script of /app, to read, with `work` at /job, to change. */
async function runScript(layout: Layout, work: HostTree, script: string, bytes: string): Promise<ProgramRun> {
  const mounts: ProgramMount[] = [
    { id: 'app', mount: '/app', volume: await layout.given('app', app.path), access: 'read' },
    {
      id: 'work',
      mount: '/job',
      volume: await layout.work('work', work.path),
      // SQLite locks a database by a directory beside it, and gives that the time of the lock.
      access: ['read', 'list', 'create', 'write', 'append', 'delete', 'rename', 'set-times'],
      quota: { bytes, files: 20 },
    },
  ];
  return runProgram(PHP, {
    mounts,
    policy: {
      clocks: { wall: { fixed: '2026-01-01T00:00:00Z' }, monotonic: { resolution: '1ms' } },
      limits: { memory: '64MiB', deadline: '60s' },
    },
    args: [`/app/${script}`],
  });
}

/** The body of what a CGI program answers. */
function bodyOf(run: ProgramRun): string {
  const [head = '', ...body] = run.stdout.split('\r\n\r\n');
  expect(head).toContain('X-Powered-By: PHP/8.2.0');
  return body.join('\r\n\r\n');
}

describe.each(LAYOUTS)('PHP on $name', (layout) => {
  it('builds a site from files, and keeps an index of it in a database', async () => {
    using work = hostTree(layout.seeded ? { posts: POSTS } : {});
    const run = await runScript(layout, work, 'site.php', '1MiB');
    expectClean(run);
    expect(JSON.parse(bodyOf(run))).toEqual({
      pages: Object.entries(PAGES).map(([name, text]) => ({
        name,
        bytes: text.length,
        sha: createHash('sha256').update(text).digest('hex'),
      })),
      check: 'ok',
      sum: 7 * 499 + 4711,
      log: 'hello\nsecond\n',
      left: ['site'],
    });
    expect(run.usage.fileBytesWritten).toBeGreaterThan(10_000);
    if (!layout.kept) return;
    const pages = join(work.path, 'site/pages');
    expect(
      Object.fromEntries(readdirSync(pages).map((name) => [name, readFileSync(join(pages, name), 'utf8')])),
    ).toEqual(PAGES);
    expect(readFileSync(join(work.path, 'site/index.db'), 'latin1').slice(0, 16)).toBe('SQLite format 3\0');
    expect(readdirSync(join(work.path, 'site')).toSorted()).toEqual([
      'build.log',
      'hits.bin',
      'index.db',
      // PHP exits without closing the database, in node:wasi too.
      'index.db.lock',
      'pages',
    ]);
  });

  it('warns of what it may not do, and finds its database whole after a full quota', async () => {
    using work = hostTree({});
    const run = await runScript(layout, work, 'overstep.php', '64KiB');
    expect(bodyOf(run).trim().split('\n')).toEqual([
      'write Failed to open stream: Read-only file system',
      'unlink Read-only file system',
      'outside Failed to open stream: No such file or directory',
      `read ${POSTS['hello.md'].length}`,
      'insert General error: 10 disk I/O error',
      'check "ok"',
      'rows 1',
    ]);
    expect(run.outcome).toEqual({ kind: 'exit', code: 0 });
    expect(run.of('denial').map(({ grant, operation, subject }) => [grant, operation, subject])).toEqual([
      ['app', 'open-at', 'posts/hello.md'],
      ['app', 'unlink-file-at', 'posts/hello.md'],
      [null, 'stat-at', '../etc/passwd'],
      [null, 'stat-at', '../etc'],
    ]);
    expect(run.of('limit')).toEqual([expect.objectContaining({ limit: 'work quota.bytes', value: 65_536 })]);
    expect(readFileSync(join(app.path, 'posts/hello.md'), 'utf8')).toBe(POSTS['hello.md']);
  });
});
