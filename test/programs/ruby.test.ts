import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HostTree, hostTree } from '../support/host-tree.ts';
import { expectClean, job, RUNNO, runProgram } from './run-program.ts';
import { LAYOUTS } from './volumes.ts';

const RUBY = join(RUNNO, 'ruby-3.2.0.wasm');

const record = (id: number, day: string): string => JSON.stringify({ id, day });

const INBOX = {
  'a.json': record(1, '2026-01-02'),
  'b.json': record(2, '2026-01-02'),
  later: { 'c.json': record(3, '2026-11-30'), 'again.json': record(1, '2026-01-02') },
  'note.txt': 'no record',
};

/** What the job makes of {@link INBOX}. */
const ARCHIVE: Readonly<Record<string, Buffer>> = {
  '2026/01/02/1.json': Buffer.from(record(1, '2026-01-02')),
  '2026/01/02/2.json': Buffer.from(record(2, '2026-01-02')),
  '2026/11/30/3.json': Buffer.from(record(3, '2026-11-30')),
  'log.txt': Buffer.from('1 a.json\n2 b.json\n3 c.json\n'),
  'sums.bin': sums(),
};

function sums(): Buffer {
  const words = Uint32Array.from({ length: 1500 }, (_, index) => (index % 4) + 1);
  words[1000] = 99;
  return Buffer.from(words.buffer);
}

/** The checksum of Ruby's String#sum. */
const sumOf = (content: Uint8Array): number => content.reduce((sum, byte) => sum + byte, 0);

/** Names below /job/lib; what differs from machine to machine stays in the program. */
const LOADED = [
  '/wlr-rubies/lib/ruby/3.2.0/wasm32-wasi/rbconfig.rb',
  'fileutils.rb',
  'find.rb',
  'json.rb',
  'json/common.rb',
  'json/ext.rb',
  'json/ext/generator.so',
  'json/ext/parser.so',
  'json/generic_object.rb',
  'json/version.rb',
  'ostruct.rb',
  'set.rb',
];

const POLICY = {
  clocks: { monotonic: { resolution: '1ms' } },
  random: { seed: 'ruby' },
  limits: { memory: '256MiB', deadline: '60s' },
} as const;

let app: HostTree;

beforeAll(() => {
  app = hostTree({ 'records.rb': job('records.rb'), 'overstep.rb': job('overstep.rb'), inbox: INBOX });
});

afterAll(() => app[Symbol.dispose]());

describe.each(LAYOUTS)('Ruby on $name', (layout) => {
  it('sorts records into folders, with its standard library loaded from the volume', async () => {
    using work = hostTree(layout.seeded ? { inbox: INBOX } : {});
    const run = await runProgram(RUBY, {
      mounts: [
        { id: 'app', mount: '/app', volume: await layout.given('app', app.path), access: 'read' },
        {
          id: 'work',
          mount: '/job',
          volume: await layout.work('work', work.path),
          access: 'read-write',
          quota: { bytes: '1MiB', files: 100 },
        },
      ],
      policy: POLICY,
      args: ['--disable-gems', '/app/records.rb'],
    });
    expectClean(run);
    const report = JSON.parse(run.stdout) as Record<string, unknown>;
    expect(report).toEqual({
      files: Object.fromEntries(Object.entries(ARCHIVE).map(([name, content]) => [name, sumOf(content)])),
      seen: [1, 2, 3],
      left: ['archive', 'lib'],
      loaded: LOADED,
    });
    // The library is written, and read again.
    expect(run.usage.fileBytesWritten).toBeGreaterThan(100_000);
    expect(run.usage.fileBytesRead).toBeGreaterThan(100_000);
    if (!layout.kept) return;
    expect(JSON.parse(readFileSync(join(work.path, 'report.json'), 'utf8'))).toEqual(report);
    for (const [name, content] of Object.entries(ARCHIVE)) {
      expect(readFileSync(join(work.path, 'archive', name)), name).toEqual(content);
    }
  });

  it('may add to a log up to its quota, but neither change nor list it', async () => {
    using work = hostTree({});
    const run = await runProgram(RUBY, {
      mounts: [
        { id: 'app', mount: '/app', volume: await layout.given('app', app.path), access: 'read' },
        {
          id: 'work',
          mount: '/job',
          volume: await layout.work('work', work.path),
          access: ['read', 'create', 'append'],
          quota: { bytes: '10KiB' },
        },
      ],
      policy: POLICY,
      args: ['--disable-gems', '/app/overstep.rb'],
    });
    expect(run.stderr).toBe('');
    expect(run.stdout.trim().split('\n')).toEqual([
      'write Errno::EROFS',
      'delete Errno::EROFS',
      'outside Errno::EPERM',
      'list Errno::EPERM',
      'append 4',
      'rewrite Errno::EPERM',
      'fill Errno::EDQUOT',
      'size true',
    ]);
    expect(run.outcome).toEqual({ kind: 'exit', code: 0 });
    expect(run.of('denial').map(({ grant, operation, subject }) => [grant, operation, subject])).toEqual([
      ['app', 'open-at', 'inbox/a.json'],
      ['app', 'unlink-file-at', 'inbox/a.json'],
      [null, 'open-at', '../etc/passwd'],
      ['work', 'read-directory', '.'],
      ['work', 'open-at', 'log'],
    ]);
    expect(run.of('limit')).toEqual([expect.objectContaining({ limit: 'work quota.bytes', value: 10_240 })]);
    expect(readFileSync(join(app.path, 'inbox/a.json'), 'utf8')).toBe(INBOX['a.json']);
    if (layout.kept) expect(readFileSync(join(work.path, 'log'), 'utf8')).toMatch(/^one\nx+$/);
  });
});
