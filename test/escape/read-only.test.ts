import { describe, expect, it } from 'vitest';
import { ACCESS_WORDS } from '../../src/policy/index.ts';
import { runGuest, WASI_VERSIONS } from '../support/guest-run.ts';
import { contents, hostTree } from '../support/host-tree.ts';
import { attack, attackTree, codes } from './attack.ts';

describe.each(WASI_VERSIONS)('ro-truncate (WASI %s)', (_version, kind) => {
  it('no flag of an open changes a file of a read-only mount, and each is on record', async () => {
    using tree = attackTree({ link: '-> inside' });
    const before = tree.snapshot();
    const calls = ['open-truncate', 'open-write', 'open-create', 'open-create-nofollow', 'open-exclusive'];
    for (const path of ['inside', 'link', 'new', 'dir/new']) {
      const run = await attack(kind, tree, { access: 'read', args: calls.flatMap((call) => [call, path]) });
      expect([...codes(run).values()]).toEqual(calls.map(() => 'EROFS'));
      for (const denial of run.of('denial'))
        expect(denial).toMatchObject({ grant: 'm', operation: 'open-at', subject: path });
      expect(run.of('denial').length).toBeGreaterThan(0);
    }
    expect(tree.snapshot()).toEqual(before);
  });

  it('a descriptor that was opened for reading neither writes nor changes the size', async () => {
    using tree = attackTree({});
    const before = tree.snapshot();
    const line =
      'open /m/inside r + pwrite X 0 + fwrite X + ftruncate 0 + ftruncate 100 + setappend 1 + fwrite X + fread 9';
    const run = await attack(kind, tree, { access: 'read', program: 'filesystem', args: line.split(' ') });
    expect(run.value('pwrite')).toBe('EBADF');
    expect(run.lines.filter((each) => each.startsWith('fwrite'))).toEqual(['fwrite=EBADF', 'fwrite=EBADF']);
    for (const each of run.lines.filter((other) => other.startsWith('ftruncate'))) {
      expect(each).toMatch(/^ftruncate=E(BADF|INVAL|ROFS|PERM)$/);
    }
    expect(run.value('fread')).toBe('2');
    expect(tree.snapshot()).toEqual(before);
  });
});

describe.each(WASI_VERSIONS)('ro-link-rename (WASI %s)', (_version, kind) => {
  it('nothing goes from a read-only mount into a writable one, though both are one directory', async () => {
    using tree = hostTree({ shared: { precious: 'as it was', dir: { deep: 'deep' } } });
    const before = tree.snapshot();
    const rule = { host: 'shared' };
    const run = await runGuest('paths', kind, {
      grant: {
        filesystem: [
          { ...rule, id: 'ro', mount: '/ro', access: 'read' },
          { ...rule, id: 'rw', mount: '/rw', access: ACCESS_WORDS },
        ],
        environment: { FD2: '4' },
      },
      bindings: { directories: { shared: `${tree.path}/shared` } },
      line: 'link precious stolen rename precious stolen link-follow precious stolen rename dir stolen link dir/deep stolen',
    });
    expect(run.lines).toEqual([
      'link=EROFS',
      'rename=EROFS',
      'link-follow=EINVAL',
      'rename=EROFS',
      'link=EROFS',
    ]);
    expect(new Set(run.of('denial').map(({ grant }) => grant))).toEqual(new Set(['ro']));
    expect(
      run
        .of('denial')
        .map(({ operation }) => operation)
        .filter((name) => name === 'rename-at'),
    ).toHaveLength(2);
    expect(tree.snapshot()).toEqual(before);
  });

  it('nor from a writable mount into a read-only one', async () => {
    using tree = hostTree({ shared: { precious: 'as it was' } });
    const before = tree.snapshot();
    const run = await runGuest('filesystem', kind, {
      grant: {
        filesystem: [
          { id: 'rw', mount: '/rw', memory: {}, access: ['read', 'create', 'write', 'rename', 'link'] },
          { id: 'ro', mount: '/ro', host: 'shared', access: 'read' },
        ],
      },
      bindings: { directories: { shared: `${tree.path}/shared` } },
      line: 'write /rw/a x + rename /rw/a /ro/precious + link /rw/a /ro/new + read /rw/a',
    });
    expect(run.lines).toEqual(['write=1', 'rename=EROFS', 'link=EROFS', 'read=1', 'data=x']);
    expect(run.of('denial').map(({ grant }) => grant)).toEqual(['ro', 'ro']);
    expect(tree.snapshot()).toEqual(before);
  });
});

describe.each(WASI_VERSIONS)('ro-metadata (WASI %s)', (_version, kind) => {
  it('times stay as they are: by path, by symlink, and through a handle that is open', async () => {
    using tree = attackTree({ link: '-> inside' });
    const before = tree.snapshot();
    const line = [
      'utimens /m/inside 1 1',
      'lutimens /m/link 1 1',
      'utimens /m/dir now now',
      'utimens /m omit 1',
      'open /m/inside r',
      'futimens 1 1',
      'futimens now now',
      'close',
      'open /m/dir rd',
      'futimens 1 1',
    ].join(' + ');
    const run = await attack(kind, tree, { access: 'read', program: 'filesystem', args: line.split(' ') });
    const changes = run.lines.filter((each) => each.includes('utimens'));
    expect(changes).toHaveLength(7);
    // The adapter of 0.2 sets no times of open directories.
    const last = kind === 'component' ? 'futimens=EBADF' : 'futimens=EROFS';
    expect(changes.at(-1)).toBe(last);
    expect(changes.slice(0, -1).filter((each) => !each.endsWith('=EROFS'))).toEqual([]);
    expect(run.of('denial').map(({ grant, missing }) => [grant, missing.access])).toEqual(
      run.of('denial').map(() => ['m', ['set-times']]),
    );
    expect(run.of('denial')).toHaveLength(kind === 'component' ? 5 : 6);
    expect(tree.snapshot()).toEqual(before);
  });

  it('a mount that may be written but whose times are not granted keeps what the guest would set', async () => {
    using tree = attackTree({});
    const line = 'open /m/inside rw + futimens 1 1 + utimens /m/inside 1 1 + pwrite X 0';
    const run = await attack(kind, tree, {
      access: ['read', 'write'],
      program: 'filesystem',
      args: line.split(' '),
    });
    expect(run.lines.slice(1)).toEqual(['futimens=EPERM', 'utimens=EPERM', 'pwrite=1']);
    expect(contents(tree)['mount/inside']).toBe('Xn');
  });
});
