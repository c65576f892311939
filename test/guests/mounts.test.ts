import { describe, expect, it } from 'vitest';
import { openGuest, runGuest, WASI_VERSIONS } from '../support/guest-run.ts';
import { contents, hostTree } from '../support/host-tree.ts';
import { hostMount, memoryMount } from '../support/mounts.ts';

const MiB = 1024 * 1024;

describe.each(WASI_VERSIONS)('WASI %s: quota', (_version, kind) => {
  it('in memory: bytes', async () => {
    const quota = { quota: { bytes: '100KiB' } };
    const line =
      'fill /m/a 1000000 + unlink /m/a + fill /m/b 50000 + open /m/b rw + pwrite x 500000000 + ftruncate 900000000';
    const run = await runGuest('filesystem', kind, { ...memoryMount('read-write', quota), line });
    expect(run.value('fill')).toBe('0');
    expect(run.value('stopped')).toBe('EDQUOT');
    expect(Number(run.value('written'))).toBeLessThanOrEqual(102_400);
    expect(run.lines).toContain('written=50000');
    // The hole is free, the two pages at its ends are not; the second one reaches further when the file does.
    expect(run.value('pwrite')).toBe('1');
    expect(run.value('ftruncate')).toBe('EDQUOT');
    expect(run.of('limit')).toEqual([expect.objectContaining({ limit: 'm quota.bytes', value: 102_400 })]);
    expect(run.of('denial')).toEqual([]);
  });

  it('in memory: files, and what is deleted may be made again', async () => {
    const quota = { quota: { files: 10 } };
    const line = 'many /m 50 + mkdir /m/d + unlink /m/f0 + mkdir /m/d + write /m/one-more x';
    const run = await runGuest('filesystem', kind, { ...memoryMount('read-write', quota), line });
    expect(run.lines).toEqual([
      'stopped=EDQUOT',
      'many=10',
      'mkdir=EDQUOT',
      'unlink=0',
      'mkdir=0',
      'write=EDQUOT',
    ]);
    expect(run.of('limit')).toEqual([expect.objectContaining({ limit: 'm quota.files', value: 10 })]);
  });

  it('in memory: a mount without a quota is bounded as well', async () => {
    const run = await runGuest('filesystem', kind, {
      ...memoryMount('read-write'),
      line: `fill /m/a ${100 * MiB}`,
    });
    expect(run.value('stopped')).toBe('EDQUOT');
    expect(run.usage.fileBytesWritten).toBeLessThanOrEqual(64 * MiB);
    expect(run.of('limit')).toEqual([expect.objectContaining({ limit: 'm quota.bytes', value: 64 * MiB })]);
  });

  it('of the host: what was there does not count, what the guest adds does', async () => {
    using tree = hostTree({ old: 'x'.repeat(200_000) });
    const quota = { quota: { bytes: '100KiB', files: 5 } };
    const line = 'fill /m/a 1000000 + many /m 50';
    const run = await runGuest('filesystem', kind, { ...hostMount(tree.path, 'read-write', quota), line });
    expect(run.lines.filter((each) => each.startsWith('stopped'))).toEqual([
      'stopped=EDQUOT',
      'stopped=EDQUOT',
    ]);
    const after = contents(tree);
    expect(Object.keys(after).length).toBe(1 + 5);
    expect(after['a']?.length).toBeLessThanOrEqual(102_400);
    expect(after['old']).toHaveLength(200_000);
    expect(run.of('limit').map(({ limit }) => limit)).toEqual(['m quota.bytes', 'm quota.files']);
  });
});

describe.each(WASI_VERSIONS)('WASI %s: several mounts', (_version, kind) => {
  it('each keeps to its own rule', async () => {
    using tree = hostTree({ a: 'given' });
    const run = await runGuest('filesystem', kind, {
      grant: {
        filesystem: [
          { id: 'in', mount: '/in', host: 'tree', access: 'read' },
          { id: 'out', mount: '/out', memory: {}, access: 'read-write' },
        ],
      },
      bindings: { directories: { tree: tree.path } },
      line: 'read /in/a + write /in/b x + write /out/b y + read /out/b + rename /in/a /out/a + rename /out/b /in/b + read /other/a',
    });
    expect(run.lines.slice(0, 5)).toEqual(['read=5', 'data=given', 'write=EROFS', 'write=1', 'read=1']);
    expect(run.lines.slice(6, 8)).toEqual(['rename=EROFS', 'rename=EROFS']);
    expect(run.lines.at(-1)).toMatch(/^read=(ENOENT|ENOTCAPABLE|EBADF)$/);
    expect(contents(tree)).toEqual({ a: 'given' });
  });

  it('a rename across mounts is EXDEV, whatever is granted', async () => {
    const rule = { memory: {}, access: ['read', 'list', 'create', 'write', 'delete', 'rename', 'link'] };
    const run = await runGuest('filesystem', kind, {
      grant: {
        filesystem: [
          { ...rule, mount: '/a' },
          { ...rule, mount: '/b' },
        ],
      },
      line: 'write /a/f x + rename /a/f /b/f + link /a/f /b/f + read /a/f + read /b/f',
    });
    expect(run.lines).toEqual(['write=1', 'rename=EXDEV', 'link=EXDEV', 'read=1', 'data=x', 'read=ENOENT']);
  });

  it('one below the other: the deeper one covers what lies under it, and its rule decides', async () => {
    using tree = hostTree({ inner: 'of the host' });
    const run = await runGuest('filesystem', kind, {
      grant: {
        filesystem: [
          { id: 'outer', mount: '/m', memory: {}, access: 'read-write' },
          { id: 'inner', mount: '/m/sub', host: 'tree', access: 'read' },
        ],
      },
      bindings: { directories: { tree: tree.path } },
      line: 'read /m/sub/inner + write /m/sub/new x + readdir /m + rmdir /m/sub + rename /m/sub /m/gone + write /m/own y + rename /m/own /m/sub/own',
    });
    expect(run.lines.slice(0, 3)).toEqual(['read=11', 'data=of the host', 'write=EROFS']);
    expect(run.lines).toContain('entry.sub=directory');
    expect(run.value('rmdir')).toMatch(/^(EBUSY|EROFS|EINVAL)$/);
    expect(run.lines.filter((each) => each.startsWith('rename='))).toEqual([
      expect.stringMatching(/^rename=(EBUSY|EROFS|EXDEV)$/),
      expect.stringMatching(/^rename=(EROFS|EXDEV)$/),
    ]);
    expect(contents(tree)).toEqual({ inner: 'of the host' });
  });
});

describe.each(WASI_VERSIONS)('WASI %s: a mount that is taken back', (_version, kind) => {
  it('stops what is open, and leaves the other mounts alone', async () => {
    using tree = hostTree({ a: 'secret', b: 'other' });
    const go = Promise.withResolvers<void>();
    async function* stdin(): AsyncGenerator<string> {
      await go.promise;
      yield '!';
    }
    const steps =
      'open /m/a rw + pread 6 0 + wait + pread 6 0 + pwrite X 0 + fstat + ftruncate 0 + futimens 1 1 + fsync + read /m/b + stat /m/b + readdir /m + close + write /t/x fine';
    const { instance, run, stdout } = await openGuest('filesystem', kind, {
      grant: {
        filesystem: [
          { id: 'm', mount: '/m', host: 'tree', access: 'read-write' },
          { id: 't', mount: '/t', memory: {}, access: 'read-write' },
        ],
      },
      bindings: { directories: { tree: tree.path } },
      stdin: stdin(),
      line: steps,
    });
    const before = tree.snapshot();
    const running = run();
    while (!stdout.text().includes('waiting')) await new Promise((tick) => setTimeout(tick, 1));
    instance.revoke('m');
    go.resolve();
    const result = await running;
    expect(result.lines.slice(1)).toEqual([
      'pread=6',
      'data=secret',
      'waiting',
      'wait=1',
      ...['pread', 'pwrite', 'fstat', 'ftruncate', 'futimens', 'fsync', 'read', 'stat', 'readdir'].map(
        (name) => `${name}=EPERM`,
      ),
      'close=0',
      'write=4',
    ]);
    expect(tree.snapshot()).toEqual(before);
    expect(result.of('grant-revoked')).toEqual([expect.objectContaining({ grant: 'm' })]);
    expect(result.of('denial').length).toBeGreaterThanOrEqual(9);
    for (const denial of result.of('denial')) expect(denial).toMatchObject({ grant: 'm', reason: 'revoked' });
  });
});
