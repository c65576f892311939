import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HostTree, hostTree, type Tree } from '../support/host-tree.ts';
import { unpackedArchive } from './archives.ts';
import { expectClean, job, type ProgramMount, PYTHON_3_12, RUNNO, runProgram } from './run-program.ts';
import { LAYOUTS, type Layout } from './volumes.ts';

const PYTHON_3_11 = join(RUNNO, 'python-3.11.3.wasm');

const LIBRARY: Tree = {
  'readme.txt': 'A library.\n',
  'draft.txt': 'not yet\n',
  'final.txt': 'replaced\n',
  empty: '',
  poems: { 'Übung – 1.txt': 'Ein Gleiches\n', deep: { er: { 'still.txt': 'x'.repeat(70_000) } } },
  old: { 'notes.txt': 'away with it\n' },
};

/** What the job makes of {@link LIBRARY}. */
function expectedLibrary(): Record<string, Uint8Array> {
  const pattern = Buffer.alloc(
    200_000,
    Uint8Array.from({ length: 256 }, (_, index) => index),
  );
  pattern.write('in the middle', 100_000);
  const many = Array.from({ length: 50 }, (_, index): [string, Buffer] => [
    `many/${index % 5}/${index}.json`,
    Buffer.from(`{"index": ${index}, "square": ${index ** 2}}`),
  ]);
  return {
    'readme.txt': Buffer.from('A library.\nappended\n'),
    'final.txt': Buffer.from('not yet\n'),
    empty: Buffer.from(''),
    'verse/Übung – 1.txt': Buffer.from('Ein Gleiches\n'),
    'verse/deep/er/still.txt': Buffer.from('x'.repeat(70_000)),
    'pattern.bin': pattern,
    ...Object.fromEntries(many),
  };
}

const EXPECTED = Object.fromEntries(
  Object.entries(expectedLibrary()).map(([name, content]) => [
    name,
    createHash('sha256').update(content).digest('hex'),
  ]),
);

/** What CPython needs to start, and nothing more. */
const STARTING = {
  clocks: { wall: { virtual: '2026-01-01T00:00:00Z' }, monotonic: { virtual: '2026-01-01T00:00:00Z' } },
  random: { seed: 'python' },
  limits: { memory: '64MiB', deadline: '60s' },
} as const;

let app: HostTree;
let standardLibrary: HostTree;

beforeAll(async () => {
  app = hostTree({
    'reorganise.py': job('reorganise.py'),
    'overstep.py': job('overstep.py'),
    library: LIBRARY,
  });
  standardLibrary = await unpackedArchive(join(RUNNO, 'python-3.11.3.tar.gz'));
});

afterAll(() => {
  app[Symbol.dispose]();
  standardLibrary[Symbol.dispose]();
});

/** A directory of this machine, of the same form as the report of the job. */
function hashesOf(directory: string): Record<string, string> {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    names.map((name) => [
      name.slice(directory.length + 1),
      createHash('sha256').update(readFileSync(name)).digest('hex'),
    ]),
  );
}

async function mountsFor(layout: Layout, work: HostTree): Promise<readonly ProgramMount[]> {
  return [
    {
      id: 'python',
      mount: '/python',
      volume: await layout.given('python', standardLibrary.path),
      access: 'read',
    },
    { id: 'app', mount: '/app', volume: await layout.given('app', app.path), access: 'read' },
    {
      id: 'work',
      mount: '/job',
      volume: await layout.work('work', work.path),
      access: 'read-write',
      quota: { bytes: '4MiB', files: 200 },
    },
  ];
}

describe.each(LAYOUTS)('CPython 3.11 on $name', (layout) => {
  it('reorganises, packs and unpacks a tree, with its standard library on a mount', async () => {
    using work = hostTree(layout.seeded ? { library: LIBRARY } : {});
    const run = await runProgram(PYTHON_3_11, {
      mounts: await mountsFor(layout, work),
      policy: { ...STARTING, environment: { PYTHONHOME: '/python/usr/local', PYTHONDONTWRITEBYTECODE: '1' } },
      args: ['/app/reorganise.py', '/app', '/job'],
    });
    expectClean(run);
    const report = JSON.parse(run.stdout) as Record<string, unknown>;
    expect(report).toEqual({
      hashes: EXPECTED,
      same: true,
      left: ['library', 'library.zip'],
      sizes: 20 + 8 + 200_000,
      version: '3.11.3',
    });
    // What was written once to the library, once to the archive and once from it.
    expect(run.usage.fileBytesWritten).toBeGreaterThan(2 * 270_000);
    expect(run.usage.fileBytesWritten).toBeLessThan(2_000_000);
    expect(run.usage.fileBytesRead).toBeGreaterThan(1_000_000);
    if (!layout.kept) return;
    expect(hashesOf(join(work.path, 'library'))).toEqual(EXPECTED);
    expect(JSON.parse(readFileSync(join(work.path, 'report.json'), 'utf8'))).toEqual(report);
    expect(readdirSync(work.path).toSorted()).toEqual(['library', 'library.zip', 'report.json']);
  });
});

describe.each(LAYOUTS)('CPython 3.12 on $name', (layout) => {
  it('gets EROFS for what it may only read, and EDQUOT past a quota, and goes on', async () => {
    using work = hostTree({});
    const before = app.snapshot();
    const run = await runProgram(PYTHON_3_12, {
      mounts: [
        { id: 'app', mount: '/app', volume: await layout.given('app', app.path), access: 'read' },
        {
          id: 'work',
          mount: '/job',
          volume: await layout.work('work', work.path),
          access: ['read', 'create', 'write'],
          quota: { bytes: '64KiB' },
        },
      ],
      policy: STARTING,
      args: ['/app/overstep.py'],
    });
    expect(run.stdout.trim().split('\n')).toEqual([
      'open EROFS',
      'remove EROFS',
      'mkdir EROFS',
      'outside EPERM',
      'read A library.',
      'write EDQUOT',
      'fits True',
      'truncate 10000',
      'again 4',
    ]);
    expect(run.outcome).toEqual({ kind: 'exit', code: 0 });
    expect(run.of('denial').map(({ grant, operation, subject }) => [grant, operation, subject])).toEqual([
      ['app', 'open-at', 'library/readme.txt'],
      ['app', 'unlink-file-at', 'library/draft.txt'],
      ['app', 'create-directory-at', 'new'],
      [null, 'open-at', '../etc/passwd'],
    ]);
    expect(run.of('limit')).toEqual([expect.objectContaining({ limit: 'work quota.bytes', value: 65_536 })]);
    expect(app.snapshot()).toEqual(before);
    if (layout.kept) expect(readFileSync(join(work.path, 'small'), 'utf8')).toBe('fits');
  });
});
