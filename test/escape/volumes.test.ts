// The cases of path confinement on an overlay, whose lower layer stays as it is byte for byte, and on an image.
import { describe, expect, it } from 'vitest';
import { ACCESS_WORDS, type AccessWord } from '../../src/policy/index.ts';
import { type GuestKind, type GuestRun, runGuest, WASI_VERSIONS } from '../support/guest-run.ts';
import type { HostTree, Tree } from '../support/host-tree.ts';
import { type VolumeKind, volumeMount } from '../support/volumes.ts';
import { attackTree, codes, expectRefused, SECRET } from './attack.ts';

const ROWS = WASI_VERSIONS.flatMap(([version, kind]) =>
  (['overlay', 'image'] as const).map((volume) => [version, volume, kind] as const),
);
const LINKS: Tree = {
  absolute: '-> /etc/hostname',
  root: '-> /',
  up: '-> ..',
  one: '-> dir/two',
  dir: { file: 'in dir', two: '-> ../up' },
  tosecret: '-> ../secret',
  toabsent: '-> ../absent',
};

async function attack(
  volume: VolumeKind,
  kind: GuestKind,
  tree: HostTree,
  args: readonly string[],
  access: readonly AccessWord[] | 'read' = ACCESS_WORDS,
): Promise<GuestRun> {
  const options = await volumeMount(volume, `${tree.path}/mount`, access);
  return runGuest('paths', kind, { ...options, args });
}

/** Every call on each path, which gets nothing out of it and leaves the host as it was. */
async function expectNowhere(volume: VolumeKind, kind: GuestKind, paths: readonly string[]): Promise<void> {
  using tree = attackTree(LINKS);
  const before = tree.snapshot();
  for (const path of paths) {
    const run = await attack(volume, kind, tree, ['all', path]);
    if (volume === 'overlay') expectRefused(run);
    else expect(new Set(codes(run).values()).isSubsetOf(REFUSED)).toBe(true);
    expect(run.of('denial').some(({ grant }) => grant === null)).toBe(true);
    expect(run.stdout).not.toContain(SECRET);
  }
  expect(tree.snapshot()).toEqual(before);
}

/** An image says first that it is read-only; following the old path of a hard link is EINVAL, whatever the path. */
const REFUSED = new Set(['EPERM', 'EROFS', 'EINVAL']);

describe.each(ROWS)('WASI %s, a volume of kind %s', (_version, volume, kind) => {
  it('dotdot', () => expectNowhere(volume, kind, ['../secret', 'dir/../../secret', 'up/secret']));

  it('absolute-path, absolute-symlink', () =>
    expectNowhere(volume, kind, ['/etc/passwd', 'root/etc/hostname']));

  it('chained-symlinks', () => expectNowhere(volume, kind, ['one/secret', 'one/outside/secret']));

  it('existence-oracle', async () => {
    using tree = attackTree(LINKS);
    const answers = [];
    for (const path of ['tosecret', 'toabsent', '../secret', '../absent']) {
      const run = await attack(volume, kind, tree, ['open', path, 'stat', path, 'open-create', path]);
      answers.push(run.lines.join());
      expect(run.of('denial').length).toBeGreaterThan(0);
    }
    expect(new Set(answers).size).toBe(1);
  });

  it('symlink-create-write', async () => {
    using tree = attackTree(LINKS);
    const before = tree.snapshot();
    const calls = ['open-write', 'open-truncate', 'open-create'];
    const args = ['tosecret', 'toabsent', 'absolute'].flatMap((path) =>
      calls.flatMap((call) => [call, path]),
    );
    const run = await attack(volume, kind, tree, args);
    expect(new Set(codes(run).values()).isSubsetOf(REFUSED)).toBe(true);
    expect(tree.snapshot()).toEqual(before);
  });

  it('trailing-slash', async () => {
    using tree = attackTree({ ...LINKS, tofile: '-> inside' });
    const before = tree.snapshot();
    for (const path of ['inside/', 'tofile/', 'inside/.']) {
      const run = await attack(volume, kind, tree, ['all', path]);
      const got = [...codes(run).values()].filter((code) => !/^E(NOTDIR|ISDIR|EXIST|INVAL|ROFS)$/.test(code));
      expect(got).toEqual([]);
    }
    expect(tree.snapshot()).toEqual(before);
  });

  it('ro-truncate, ro-metadata, ro-link-rename: each is EROFS, and on record once under its rule', async () => {
    using tree = attackTree(LINKS);
    const before = tree.snapshot();
    const args = 'open-truncate inside set-times dir rename inside x link dir/file x unlink inside'.split(
      ' ',
    );
    const run = await attack(volume, kind, tree, args, 'read');
    expect(run.lines.map((line) => line.split('=')[1])).toEqual(Array(5).fill('EROFS'));
    expect(run.of('denial').map(({ grant, operation }) => [grant, operation])).toEqual([
      ['m', 'open-at'],
      ['m', 'set-times-at'],
      ['m', 'rename-at'],
      ['m', 'link-at'],
      ['m', 'unlink-file-at'],
    ]);
    expect(tree.snapshot()).toEqual(before);
  });
});

describe.each(WASI_VERSIONS)('WASI %s, an overlay', (_version, kind) => {
  it('device-names are names like any other, and the layer below stays as it is', async () => {
    using tree = attackTree({});
    const before = tree.snapshot();
    const names = ['CON', 'nul', 'COM1', 'LPT²', 'C:', 'a:b'];
    const run = await attack(
      'overlay',
      kind,
      tree,
      names.flatMap((name) => ['open-exclusive', name]),
    );
    expect(run.lines.filter((line) => /=E/.test(line))).toEqual([]);
    expect(tree.snapshot()).toEqual(before);
  });

  it('lets no guest see or make the names of whiteouts', async () => {
    using tree = attackTree({ '.wh.hidden': '', hidden: 'h' });
    const before = tree.snapshot();
    const options = await volumeMount('overlay', `${tree.path}/mount`, ACCESS_WORDS);
    const seen = await runGuest('filesystem', kind, {
      ...options,
      line: 'unlink /m/inside + readdir /m + stat /m/.wh.inside + read /m/.wh.hidden + write /m/.wh.dir x + mkdir /m/.wh..wh..opq + symlink x /m/.wh.dir + rename /m/hidden /m/.wh.dir + link /m/hidden /m/.wh.dir + readdir /m/dir',
    });
    expect(seen.stdout).not.toContain('entry..wh.');
    expect(seen.lines.filter((line) => /^\w+=E/.test(line))).toEqual([
      'stat=ENOENT',
      'read=ENOENT',
      'write=EPERM',
      'mkdir=EPERM',
      'symlink=EPERM',
      'rename=EPERM',
      'link=EPERM',
    ]);
    expect(tree.snapshot()).toEqual(before);
  });
});
