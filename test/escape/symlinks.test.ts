import { describe, expect, it } from 'vitest';
import { ACCESS_WORDS } from '../../src/policy/index.ts';
import { runGuest, WASI_VERSIONS } from '../support/guest-run.ts';
import { contents } from '../support/host-tree.ts';
import { around, attack, attackTree, codes, expectRefused, SECRET } from './attack.ts';

const LOOKS = ['open', 'open-directory', 'stat', 'set-times'];
const WRITES = ['open-write', 'open-truncate', 'open-create'];

function each(calls: readonly string[], path: string): string[] {
  return calls.flatMap((call) => [call, path]);
}

describe.each(WASI_VERSIONS)('symlink-create-write (WASI %s)', (_version, kind) => {
  it.each([
    ['a file outside', '-> ../secret'],
    ['a file outside by its absolute path', '-> /etc/hostname'],
    ['a file outside that does not exist', '-> ../outside/new'],
    ['a file outside that does not exist, by its absolute path', '-> /tmp/bailiwick-escaped'],
    ['a directory outside', '-> ../outside'],
  ])('to %s: creating and writing through it does neither', async (_what, link) => {
    using tree = attackTree({ link });
    const before = tree.snapshot();
    const through = link === '-> ../outside' ? 'link/new' : 'link';
    const run = await attack(kind, tree, { args: each(WRITES, through) });
    expectRefused(run);
    expect(run.of('denial')).toEqual([expect.objectContaining({ operation: 'open-at', subject: through })]);
    expect(tree.snapshot()).toEqual(before);
  });

  it('that dangles inside: what is created stays inside', async () => {
    using tree = attackTree({ link: '-> dir/../dir/new' });
    const before = around(tree);
    const run = await attack(kind, tree, { args: ['open-create', 'link'] });
    expect(codes(run).get('open-create')).toBe('0');
    expect(contents(tree)['mount/dir/new']).toBe('owned');
    expect(around(tree)).toEqual(before);
  });

  it('is not followed where the guest asks not to, and never by an exclusive create', async () => {
    using tree = attackTree({ link: '-> ../secret', own: '-> inside' });
    const before = tree.snapshot();
    const args = ['link', 'own'].flatMap((path) => each(['open-create-nofollow', 'open-exclusive'], path));
    const run = await attack(kind, tree, { args });
    expect(run.lines).toEqual([
      'open-create-nofollow=ELOOP',
      'open-exclusive=EEXIST',
      'open-create-nofollow=ELOOP',
      'open-exclusive=EEXIST',
    ]);
    expect(tree.snapshot()).toEqual(before);
  });
});

describe.each(WASI_VERSIONS)('symlink-target, guest-symlink (WASI %s)', (_version, kind) => {
  it('an absolute target is refused when the symlink is made', async () => {
    using tree = attackTree({});
    const before = tree.snapshot();
    const run = await attack(kind, tree, {
      args: ['symlink', '/etc', 'a', 'symlink', '/', 'b', 'lstat', 'a'],
    });
    expect(run.lines).toEqual(['symlink=EPERM', 'symlink=EPERM', 'lstat=ENOENT']);
    expect(run.of('denial')).toEqual([
      expect.objectContaining({ grant: null, operation: 'symlink-at', subject: 'a' }),
      expect.objectContaining({ grant: null, operation: 'symlink-at', subject: 'b' }),
    ]);
    expect(tree.snapshot()).toEqual(before);
  });

  it.each(['..', '../secret', 'dir/../../secret', './..//secret'])(
    'a symlink of its own to %s leads nowhere',
    async (target) => {
      using tree = attackTree({});
      const before = around(tree);
      const through = target === '..' ? 'mine/secret' : 'mine';
      const run = await attack(kind, tree, {
        args: ['symlink', target, 'mine', ...each([...LOOKS, ...WRITES], through)],
      });
      expect(run.lines).toEqual(['symlink=0', ...[...LOOKS, ...WRITES].map((call) => `${call}=EPERM`)]);
      expect(run.stdout).not.toContain(SECRET);
      expect(new Set(run.of('denial').map(({ operation }) => operation))).toEqual(
        new Set(['open-at', 'stat-at', 'set-times-at']),
      );
      for (const denial of run.of('denial')) expect(denial.grant).toBeNull();
      expect(around(tree)).toEqual(before);
    },
  );

  it('in memory they lead nowhere, too', async () => {
    const run = await runGuest('paths', kind, {
      grant: { filesystem: [{ id: 'm', mount: '/m', memory: {}, access: ACCESS_WORDS }] },
      args: [
        'symlink',
        '../secret',
        'mine',
        ...each([...LOOKS, ...WRITES], 'mine'),
        'symlink',
        '/etc',
        'other',
      ],
    });
    expect(run.lines).toEqual([
      'symlink=0',
      ...[...LOOKS, ...WRITES].map((call) => `${call}=EPERM`),
      'symlink=EPERM',
    ]);
  });

  it('a hard link takes no file from outside, neither by its path nor through a symlink', async () => {
    using tree = attackTree({ tosecret: '-> ../secret', out: '-> ../outside' });
    const before = around(tree);
    const olds = ['../secret', '/etc/hostname', 'out/secret', 'dir/../../secret'];
    const run = await attack(kind, tree, { args: olds.flatMap((old) => ['link', old, 'stolen']) });
    expect(run.lines).toEqual(olds.map(() => 'link=EPERM'));
    expect(run.of('denial').map(({ subject }) => subject)).toEqual(olds);
    // A link to the symlink itself is one more symlink, which leads nowhere just like it.
    const again = await attack(kind, tree, { args: ['link', 'tosecret', 'stolen', 'open', 'stolen'] });
    expect(again.lines).toEqual(['link=0', 'open=EPERM']);
    expect(around(tree)).toEqual(before);
  });

  it('a directory that is moved under a symlink does not make the symlink lead out', async () => {
    using tree = attackTree({});
    const before = around(tree);
    const args = [
      'mkdir',
      'a',
      'mkdir',
      'a/b',
      'symlink',
      '../../secret',
      'a/b/up',
      'rename',
      'a/b',
      'b',
      'open',
      'b/up',
      'stat',
      'b/up',
      'open-write',
      'b/up',
    ];
    const run = await attack(kind, tree, { args });
    expect(run.lines.slice(-3)).toEqual(['open=EPERM', 'stat=EPERM', 'open-write=EPERM']);
    expect(run.stdout).not.toContain(SECRET);
    expect(around(tree)).toEqual(before);
  });
});

describe.each(WASI_VERSIONS)('absolute-symlink (WASI %s)', (_version, kind) => {
  const links = {
    file: '-> /etc/hostname',
    directory: '-> /etc',
    root: '-> /',
    self: '-> /m/inside',
    deep: { up: '-> /' },
  };

  it.each(['file', 'directory/hostname', 'root/etc/hostname', 'self', 'deep/up/etc/hostname'])(
    '%s leads nowhere',
    async (path) => {
      using tree = attackTree(links);
      const before = tree.snapshot();
      const run = await attack(kind, tree, { args: each([...LOOKS, ...WRITES], path) });
      expectRefused(run);
      expect(tree.snapshot()).toEqual(before);
    },
  );

  it('tells nothing of the host when it is read', async () => {
    using tree = attackTree({ ...links, own: '-> inside' });
    const run = await attack(kind, tree, { args: ['readlink', 'own', 'readlink', 'file', 'lstat', 'file'] });
    expect(run.lines).toEqual(['readlink=0', 'readlink.data=inside', 'readlink=EPERM', 'lstat=0']);
    expect(run.of('denial')).toEqual([
      expect.objectContaining({ grant: null, operation: 'readlink-at', subject: 'file' }),
    ]);
  });
});

describe.each(WASI_VERSIONS)('chained-symlinks (WASI %s)', (_version, kind) => {
  const chain = {
    one: '-> dir/two',
    dir: { file: 'in dir', two: '-> low/three', low: { three: '-> ../../up' } },
    up: '-> ..',
    a: '-> dir/low',
    b: '-> a/../..',
    c: '-> b/..',
  };

  it.each([
    'one/secret',
    'one/outside/secret',
    'c/secret',
    'b/../secret',
    'dir/low/three/secret',
    'a/../../up/secret',
  ])('%s leads nowhere', async (path) => {
    using tree = attackTree(chain);
    const before = tree.snapshot();
    const run = await attack(kind, tree, { args: ['all', path] });
    expectRefused(run);
    expect(tree.snapshot()).toEqual(before);
  });

  it('that stay inside lead where they lead, up to 40 of them', async () => {
    const steps = (count: number): Record<string, string> =>
      Object.fromEntries(
        Array.from({ length: count }, (_, i) => [`s${i}`, `-> ${i === 0 ? 'inside' : `s${i - 1}`}`]),
      );
    using tree = attackTree({ ...chain, ...steps(41), loop: '-> loop', ping: '-> pong', pong: '-> ping' });
    const run = await attack(kind, tree, {
      args: [
        'open',
        'b/inside',
        'open',
        's39',
        'open',
        's40',
        'open',
        'loop',
        'open',
        'ping/x',
        'stat',
        'loop',
      ],
    });
    expect(run.lines).toEqual([
      'open=0',
      'open.data=in',
      'open=0',
      'open.data=in',
      'open=ELOOP',
      'open=ELOOP',
      'open=ELOOP',
      'stat=ELOOP',
    ]);
    expect(run.of('denial')).toEqual([]);
  });
});
