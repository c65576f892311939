import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { WASI_VERSIONS } from '../support/guest-run.ts';
import { attack, type Attack, attackTree, codes, expectRefused, SECRET } from './attack.ts';

/**
 * The attacks on paths, on volumes that are made of a host directory: whatever a guest does there, the directory and what
 * lies around it stay as they are.
 */
const VOLUMES = ['overlay', 'memory', 'image'] as const;

const LINKS = {
  out: '-> ../secret',
  outdir: '-> ../outside',
  absolute: '-> /etc/passwd',
  chain: '-> chain2',
  chain2: '-> dir/up',
  dir: { file: 'in dir', up: '-> ../../secret' },
};

const LEAVING = [
  '../secret',
  'dir/../../secret',
  'out',
  'outdir/secret',
  'absolute',
  'chain',
  '/etc/passwd',
  './../outside/secret',
];

describe.each(WASI_VERSIONS)('WASI %s', (_version, kind) => {
  describe.each(VOLUMES)('%s', (volume) => {
    // An image is read-only; nothing but reading can be asked of it.
    const more: Partial<Attack> = volume === 'image' ? { volume, access: 'read' } : { volume };

    it('dotdot, absolute-path, absolute-symlink, chained-symlinks: nothing leads out', async () => {
      using tree = attackTree(LINKS);
      const before = tree.snapshot();
      const args = LEAVING.flatMap((path) => ['open', path, 'stat', path]);
      const run = await attack(kind, tree, { ...more, args });
      expectRefused({ ...run, lines: run.lines.filter((line) => !line.startsWith('stat=0')) });
      expect(tree.snapshot()).toEqual(before);
    });

    it('symlink-create-write, trailing-slash: nothing is made, changed or opened through a link', async () => {
      using tree = attackTree(LINKS);
      const before = tree.snapshot();
      const calls = ['open-write', 'open-create', 'open-truncate', 'open-exclusive'];
      const paths = ['out', 'outdir/new', 'absolute', 'chain', 'inside/', 'out/'];
      const run = await attack(kind, tree, {
        ...more,
        args: paths.flatMap((path) => calls.flatMap((call) => [call, path])),
      });
      expect([...codes(run).values()]).not.toContain('0');
      expect(run.stdout).not.toContain(SECRET);
      expect(tree.snapshot()).toEqual(before);
    });

    it('symlink-target, guest-symlink: a link of the guest leads nowhere', async () => {
      using tree = attackTree({});
      const before = tree.snapshot();
      const line =
        'symlink ../secret /m/mine + read /m/mine + symlink .. /m/up + read /m/up/secret + symlink /etc /m/abs';
      const run = await attack(kind, tree, { ...more, program: 'filesystem', args: line.split(' ') });
      const refused = volume === 'image' ? ['ENOENT', 'ENOENT'] : ['EPERM', 'EPERM'];
      expect(run.lines.filter((each) => each.startsWith('read=')).map((each) => each.slice(5))).toEqual(
        refused,
      );
      expect(run.lines.at(-1)).toBe(volume === 'image' ? 'symlink=EROFS' : 'symlink=EPERM');
      expect(run.stdout).not.toContain(SECRET);
      expect(tree.snapshot()).toEqual(before);
    });

    it('ro-truncate, ro-link-rename, ro-metadata: under read nothing changes', async () => {
      using tree = attackTree({});
      const before = tree.snapshot();
      const line =
        'write /m/inside x + mkdir /m/new + unlink /m/inside + rmdir /m/dir + rename /m/inside /m/other + link /m/inside /m/hard + symlink a /m/b + utimens /m/inside 1 1 + truncate /m/inside 0';
      const run = await attack(kind, tree, {
        volume,
        access: 'read',
        program: 'filesystem',
        args: line.split(' '),
      });
      const answers = run.lines.map((each) => each.split('=')[1]);
      expect(new Set(answers)).toEqual(new Set(['EROFS']));
      expect(run.of('denial').length).toBeGreaterThan(6);
      expect(tree.snapshot()).toEqual(before);
    });

    it('existence-oracle: outside, what is there and what is not look the same', async () => {
      using tree = attackTree({});
      const there = await attack(kind, tree, { ...more, args: ['all', '../secret'] });
      const absent = await attack(kind, tree, { ...more, args: ['all', '../nothing'] });
      expect([...codes(there)]).toEqual([...codes(absent)]);
    });
  });

  it('whiteouts of an overlay are neither seen nor made', async () => {
    using tree = attackTree({ '.wh.inside': '', shown: 'x' });
    const before = tree.snapshot();
    const line =
      'read /m/.wh.inside + write /m/.wh.shown x + mkdir /m/.wh.dir + rename /m/shown /m/.wh.inside + link /m/shown /m/.wh..wh..opq + symlink x /m/.wh.x + read /m/shown + read /m/inside + readdir /m';
    const run = await attack(kind, tree, { volume: 'overlay', program: 'filesystem', args: line.split(' ') });
    expect(run.lines.filter((each) => /^\w+=(?!\.)/.test(each)).slice(0, 7)).toEqual([
      'read=ENOENT',
      'write=EPERM',
      'mkdir=EPERM',
      'rename=EPERM',
      'link=EPERM',
      'symlink=EPERM',
      'read=1',
    ]);
    expect(run.lines).toContain('data=in');
    expect(run.lines.filter((each) => each.includes('.wh.'))).toEqual([]);
    expect(tree.snapshot()).toEqual(before);
    expect(readdirSync(`${tree.path}/mount`)).toContain('.wh.inside');
  });
});
