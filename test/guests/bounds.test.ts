import { describe, expect, it } from 'vitest';
import { type GuestKind, type GuestRun, runGuest, WASI_VERSIONS } from '../support/guest-run.ts';
import { hostTree } from '../support/host-tree.ts';
import { hostMount, memoryMount } from '../support/mounts.ts';

/** Runs steps on a memory mount at /m under the rule `m`. */
async function steps(kind: GuestKind, more: object, line: string, limits: object = {}): Promise<GuestRun> {
  const { grant, ...rest } = memoryMount('read-write', more);
  return runGuest('filesystem', kind, { ...rest, grant: { ...grant, limits }, line });
}

function limits(run: GuestRun): (readonly [string, number])[] {
  return run.of('limit').map(({ limit, value }) => [limit, value]);
}

/** What each call answered. */
function answers(run: GuestRun, name: string): string[] {
  return run.lines.filter((line) => line.startsWith(`${name}=`)).map((line) => line.slice(name.length + 1));
}

describe.each(WASI_VERSIONS)('WASI %s: bounds of a rule', (_version, kind) => {
  it('directories: one more is over the quota, files are not', async () => {
    const run = await steps(
      kind,
      { quota: { directories: 2 } },
      'mkdir /m/a + mkdir /m/b + mkdir /m/c + write /m/f x + rmdir /m/a + mkdir /m/c',
    );
    expect(answers(run, 'mkdir')).toEqual(['0', '0', 'EDQUOT', '0']);
    expect(answers(run, 'write')).toEqual(['1']);
    expect(limits(run)).toEqual([['m quota.directories', 2]]);
  });

  it('depth: nothing new lies deeper, whichever way it comes there', async () => {
    const run = await steps(
      kind,
      { quota: { depth: 2 } },
      'mkdir /m/a + mkdir /m/a/b + mkdir /m/a/b/c + write /m/a/b/f x + write /m/a/f x + mkdir /m/d + rename /m/d /m/a/d + rename /m/a/f /m/a/b/f + rename /m/a/b /m/b',
    );
    expect(answers(run, 'mkdir')).toEqual(['0', '0', 'EDQUOT', '0']);
    expect(answers(run, 'write')).toEqual(['EDQUOT', '1']);
    // A directory does not move down: what is in it would lie deeper.
    expect(answers(run, 'rename')).toEqual(['EDQUOT', 'EDQUOT', '0']);
    expect(limits(run)).toEqual([['m quota.depth', 2]]);
  });

  it('nameLength and pathLength: bytes of UTF-8', async () => {
    const quota = { nameLength: 4, pathLength: 9 };
    const run = await steps(
      kind,
      { quota },
      'write /m/abcd x + write /m/abcde x + write /m/éé x + write /m/ééé x + mkdir /m/d + write /m/d/abcdefg x + mkdir /m/d/e + write /m/d/e/abcd x + mkdir /m/d/e/f + write /m/d/e/f/abcd x',
    );
    expect(answers(run, 'write')).toEqual([
      '1',
      'ENAMETOOLONG',
      '1',
      'ENAMETOOLONG',
      'ENAMETOOLONG',
      '1',
      'ENAMETOOLONG',
    ]);
    expect(limits(run)).toEqual([
      ['m quota.nameLength', 4],
      ['m quota.pathLength', 9],
    ]);
  });

  it('descriptors: open at one time', async () => {
    const run = await steps(
      kind,
      { quota: { descriptors: 1 } },
      'write /m/a x + open /m/a r + read /m/a + mkdir /m/d + close + read /m/a',
    );
    expect(answers(run, 'read')).toEqual([kind === 'module' ? 'EMFILE' : 'ENOMEM', '1']);
    expect(limits(run)).toEqual([['m quota.descriptors', 1]]);
  });

  it('readBytes and writeBytes: what is left comes as a short transfer, then nothing', async () => {
    const budget = { readBytes: 10, writeBytes: '12B' };
    const run = await steps(
      kind,
      { budget },
      'write /m/a 12345678 + open /m/a rw + pread 8 0 + pread 8 0 + pread 8 0 + pwrite 12345678 0 + pwrite 12345678 0 + fstat',
    );
    expect(answers(run, 'pread')).toEqual(['8', '2', 'EDQUOT']);
    // What a stream of 0.3 has taken may not all have arrived, and its result is the error alone.
    expect(answers(run, 'pwrite')).toEqual([kind === 'p3' ? 'EDQUOT' : '4', 'EDQUOT']);
    expect(answers(run, 'fstat')).toEqual(['0']);
    expect(limits(run)).toEqual([
      ['m budget.readBytes', 10],
      ['m budget.writeBytes', 12],
    ]);
  });

  it('operations in all: the next one is over', async () => {
    const line = Array.from({ length: 60 }, () => 'stat /m').join(' + ');
    const run = await steps(kind, { budget: { operations: 20 } }, line);
    const codes = answers(run, 'stat');
    expect(codes.slice(0, 5)).toEqual(['0', '0', '0', '0', '0']);
    expect(codes.slice(25).every((code) => code === 'EDQUOT')).toBe(true);
    expect(limits(run)).toEqual([['m budget.operations', 20]]);
  });

  it('operations per period: "try again", and after a while it works again', async () => {
    const many = Array.from({ length: 30 }, () => 'stat /m').join(' + ');
    const run = await steps(kind, { budget: { operations: '10/h' } }, many);
    expect(
      answers(run, 'stat')
        .slice(25)
        .every((code) => code === 'EAGAIN'),
    ).toBe(true);
    expect(limits(run)).toEqual([['m budget.operations', 10]]);
    const soon = await steps(kind, { budget: { operations: '1000000/s' } }, many);
    expect(answers(soon, 'stat').every((code) => code === '0')).toBe(true);
  });
});

describe.each(WASI_VERSIONS)('WASI %s: bounds of all mounts together', (_version, kind) => {
  it('each mount is within its own bound, and the next byte passes that of the instance', async () => {
    const run = await runGuest('filesystem', kind, {
      grant: {
        filesystem: [
          { id: 'a', mount: '/a', memory: {}, access: 'read-write', quota: { bytes: 10 } },
          { id: 'b', mount: '/b', memory: {}, access: 'read-write' },
        ],
        limits: { filesystem: { quota: { bytes: 12, files: 3 }, budget: { writeBytes: 100 } } },
      },
      line: 'write /a/x 1234567890 + write /b/x 12 + write /b/y 3 + write /b/z 4',
    });
    expect(answers(run, 'write')).toEqual(['10', '2', 'EDQUOT', 'EDQUOT']);
    expect(limits(run)).toEqual([
      ['limits.filesystem quota.bytes', 12],
      ['limits.filesystem quota.files', 3],
    ]);
  });
});

describe.each(WASI_VERSIONS)('WASI %s: timestamps', (_version, kind) => {
  const line = 'stat /m/old';
  const times = (run: GuestRun): (string | undefined)[] => [run.value('atime'), run.value('mtime')];

  it.each([
    ['fixed', { fixed: '2020-01-01T00:00:00Z' }, ['1577836800.000000000', '1577836800.000000000']],
    ['absent', false, ['0.000000000', '0.000000000']],
  ] as const)('%s: the same for every file', async (_name, timestamps, expected) => {
    using tree = hostTree({ old: 'x' });
    const run = await runGuest('filesystem', kind, { ...hostMount(tree.path, 'read', { timestamps }), line });
    expect(times(run)).toEqual(expected);
  });

  it('coarse: real ones, rounded down', async () => {
    using tree = hostTree({ old: 'x' });
    const run = await runGuest('filesystem', kind, {
      ...hostMount(tree.path, 'read', { timestamps: { resolution: '1d' } }),
      line,
    });
    const day = Math.floor(Date.now() / 86_400_000) * 86_400;
    for (const time of times(run)) {
      expect(time).toMatch(/\.000000000$/);
      expect(Math.abs(Number(time) - day)).toBeLessThanOrEqual(86_400);
      expect(Number(time) % 86_400).toBe(0);
    }
  });

  it('real when the policy says nothing', async () => {
    using tree = hostTree({ old: 'x' });
    const run = await runGuest('filesystem', kind, { ...hostMount(tree.path, 'read'), line });
    expect(Math.abs(Number(run.value('mtime')) - Date.now() / 1000)).toBeLessThan(60);
  });
});
