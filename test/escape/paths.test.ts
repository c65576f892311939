import { describe, expect, it } from 'vitest';
import { ACCESS_WORDS } from '../../src/policy/index.ts';
import { runGuest, WASI_VERSIONS } from '../support/guest-run.ts';
import { contents, hostTree } from '../support/host-tree.ts';
import { around, attack, attackTree, codes, expectRefused, SECRET } from './attack.ts';

/** The operations of wasi:filesystem that take a path. */
const OPERATIONS = [
  'open-at',
  'stat-at',
  'set-times-at',
  'readlink-at',
  'create-directory-at',
  'remove-directory-at',
  'unlink-file-at',
  'rename-at',
  'link-at',
  'symlink-at',
];

describe.each(WASI_VERSIONS)('dotdot (WASI %s)', (_version, kind) => {
  const leaving = [
    '..',
    '../',
    '../secret',
    '../outside/secret',
    './../secret',
    '.././secret',
    'dir/../../secret',
    'dir/./.././../secret',
    'dir//..//..//secret',
    '../mount/inside',
    'dir/../../mount/inside',
    '../mount',
    'todir/../../secret',
    'dir/back/../secret',
    '../../../../../../../../../../../../etc/passwd',
  ];

  it.each(leaving)('%s leads nowhere, whatever is called on it', async (path) => {
    using tree = attackTree({ todir: '-> dir', dir: { back: '-> ..' } });
    const before = tree.snapshot();
    const run = await attack(kind, tree, { args: ['all', path] });
    expectRefused(run);
    expect(run.of('denial').map(({ operation }) => operation)).toEqual(OPERATIONS);
    expect(new Set(run.of('denial').map(({ subject }) => subject))).toEqual(new Set([path]));
    expect(tree.snapshot()).toEqual(before);
  });

  it('that stays inside is a path like any other, behind a symlink where the symlink leads', async () => {
    using tree = attackTree({ todeep: '-> dir/low', dir: { file: 'in dir', low: {} } });
    const paths = ['dir/..', 'dir/../inside', './dir/../dir/file', 'dir/low/../../inside', 'todeep/../file'];
    const run = await attack(kind, tree, { args: paths.flatMap((path) => ['open', path]) });
    expect(run.lines.filter((line) => line.startsWith('open.data'))).toEqual(
      ['in', 'in dir', 'in', 'in dir'].map((data) => `open.data=${data}`),
    );
    expect([...codes(run).values()]).toEqual(['0']);
    expect(run.of('denial')).toEqual([]);
  });

  it.each(['...', '..%5csecret', '..%5c..%5csecret', '%25%32%65%25%32%65', '.. ', ' ..', '․․', '．．'])(
    '%s is no .. but a name',
    async (name) => {
      using tree = attackTree({});
      const before = tree.snapshot();
      const run = await attack(kind, tree, { args: ['open', name, 'open', `${name}/secret`, 'stat', name] });
      expect(run.lines).toEqual(['open=ENOENT', 'open=ENOENT', 'stat=ENOENT']);
      expect(run.of('denial')).toEqual([]);
      expect(tree.snapshot()).toEqual(before);
    },
  );

  it.each(['%c0%ae%c0%ae/secret', '%e0%80%ae%e0%80%ae/secret', '..%c0%afsecret', '%ff', '%ed%a0%80'])(
    '%s is no UTF-8, and so no path',
    async (path) => {
      using tree = attackTree({});
      const before = tree.snapshot();
      const run = await attack(kind, tree, { args: ['all', path] });
      // A component's strings are UTF-8: handing over anything else is a trap, before there is a request.
      if (kind !== 'module') expect(run.outcome).toMatchObject({ kind: 'trap' });
      else expect(new Set(codes(run).values())).toEqual(new Set(['EILSEQ']));
      expect(tree.snapshot()).toEqual(before);
    },
  );
});

describe.each(WASI_VERSIONS)('nul-byte (WASI %s)', (_version, kind) => {
  it.each([
    'inside%00',
    'inside%00.txt',
    '%00',
    '..%00/secret',
    '%00/../../secret',
    'dir%00/file',
    'dir/file%00',
  ])('%s is an invalid path, whatever is called on it', async (path) => {
    using tree = attackTree({});
    const before = tree.snapshot();
    const run = await attack(kind, tree, { args: ['all', path] });
    expect(new Set(codes(run).values())).toEqual(new Set(['EINVAL']));
    expect(tree.snapshot()).toEqual(before);
  });

  it('is an invalid path in memory, too', async () => {
    const run = await runGuest('paths', kind, {
      grant: { filesystem: [{ id: 'm', mount: '/m', memory: {}, access: ACCESS_WORDS }] },
      args: ['all', 'inside%00'],
    });
    expect(new Set(codes(run).values())).toEqual(new Set(['EINVAL']));
  });

  it('is no part of a symlink either', async () => {
    using tree = attackTree({});
    const run = await attack(kind, tree, {
      args: ['symlink', 'inside%00/../../secret', 'link', 'lstat', 'link'],
    });
    expect(run.lines).toEqual(['symlink=EINVAL', 'lstat=ENOENT']);
  });
});

describe.each(WASI_VERSIONS)('absolute-path (WASI %s)', (_version, kind) => {
  it.each(['/', '//', '/etc/passwd', '/m/inside', '/inside', '//inside', '/./inside'])(
    '%s leads nowhere, whatever is called on it',
    async (path) => {
      using tree = attackTree({});
      const before = tree.snapshot();
      const run = await attack(kind, tree, { args: ['all', path] });
      expectRefused(run);
      expect(run.of('denial').map(({ operation }) => operation)).toEqual(OPERATIONS);
      expect(tree.snapshot()).toEqual(before);
    },
  );

  it('a path of the host leads nowhere, even if the guest knows it', async () => {
    using tree = attackTree({});
    const run = await attack(kind, tree, { args: ['open', `${tree.path}/secret`, 'stat', tree.path] });
    expectRefused(run);
  });
});

describe.each(WASI_VERSIONS)('prefix-boundary (WASI %s)', (_version, kind) => {
  it('a grant for /data is none for /database, for the guest and for the host', async () => {
    using tree = hostTree({ data: { own: 'mine' }, database: { own: SECRET }, 'data.bak': { own: SECRET } });
    const before = tree.snapshot();
    const options = {
      grant: { filesystem: [{ id: 'm', mount: '/data', host: 'tree', access: ACCESS_WORDS }] },
      bindings: { directories: { tree: `${tree.path}/data` } },
    };
    const libc = await runGuest('filesystem', kind, {
      ...options,
      line: 'read /data/own + read /database/own + read /data.bak/own + write /database/new x + read /datum + stat /dat',
    });
    expect(libc.lines.slice(0, 2)).toEqual(['read=4', 'data=mine']);
    for (const line of libc.lines.slice(2)) expect(line).toMatch(/^\w+=(ENOENT|ENOTCAPABLE|EPERM)$/);
    const raw = await runGuest('paths', kind, { ...options, args: ['all', '../database/own'] });
    expectRefused(raw);
    expect(tree.snapshot()).toEqual(before);
  });
});

describe.each(WASI_VERSIONS)('existence-oracle (WASI %s)', (_version, kind) => {
  it.each([
    ['..', '../secret', '../absent'],
    ['an absolute path', '/etc/passwd', '/etc/no-such-file'],
    ['a symlink', 'out/secret', 'out/absent'],
    ['a symlink to a file', 'tosecret', 'toabsent'],
    ['a symlink and ..', 'out/../secret', 'out/../absent'],
    ['depth', '../outside/dir/deep', '../absent/dir/deep'],
  ])('through %s: what is there and what is not look the same', async (_way, there, absent) => {
    const answers = [];
    for (const path of [there, absent]) {
      using tree = attackTree({ out: '-> ../outside', tosecret: '-> ../secret', toabsent: '-> ../absent' });
      const run = await attack(kind, tree, { args: ['all', path] });
      answers.push({
        lines: run.lines.map((line) => line.replaceAll('absent', 'secret')),
        denials: run.of('denial').map(({ operation, grant }) => [operation, grant]),
      });
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[0]?.denials.length).toBeGreaterThan(0);
  });

  it('inside, under words that do not allow to look, they look the same as well', async () => {
    using tree = attackTree({});
    const calls = ['open', 'open-directory', 'stat', 'lstat', 'readlink', 'unlink', 'rmdir', 'set-times'];
    const results = [];
    for (const path of ['inside', 'dir', 'absent', 'absent/deeper']) {
      const run = await attack(kind, tree, {
        access: ['create'],
        args: calls.flatMap((call) => [call, path]),
      });
      results.push(run.lines);
      for (const denial of run.of('denial')) expect(denial.grant).toBe('m');
    }
    expect(new Set(results.map((lines) => lines.join())).size).toBe(1);
    expect(results[0]).toEqual(calls.map((call) => `${call}=EPERM`));
  });
});

describe.each(WASI_VERSIONS)('trailing-slash (WASI %s)', (_version, kind) => {
  it('a slash behind a file opens, changes and removes nothing', async () => {
    using tree = attackTree({ tofile: '-> inside', dangling: '-> new' });
    const before = tree.snapshot();
    for (const path of ['inside/', 'tofile/', 'inside//', 'inside/.', 'tofile/.']) {
      const run = await attack(kind, tree, { args: ['all', path] });
      expect([...codes(run)].filter(([, code]) => !/^E(NOTDIR|ISDIR|EXIST|INVAL)$/.test(code))).toEqual([]);
      expect(tree.snapshot()).toEqual(before);
    }
  });

  it('a slash behind a symlink that leads out leads nowhere', async () => {
    using tree = attackTree({ out: '-> ../outside', tosecret: '-> ../secret', root: '-> /' });
    const before = around(tree);
    for (const path of ['out/', 'tosecret/', 'root/', 'out/.', 'out//']) {
      const run = await attack(kind, tree, { args: ['all', path] });
      expect([...codes(run)].filter(([, code]) => !/^E(PERM|ISDIR|EXIST|INVAL|NOTDIR)$/.test(code))).toEqual(
        [],
      );
      expect(run.stdout).not.toContain(SECRET);
      expect(codes(run).get('open')).toBe('EPERM');
      expect(run.of('denial')).toContainEqual(expect.objectContaining({ grant: null, operation: 'open-at' }));
      expect(around(tree)).toEqual(before);
    }
  });

  it('creating through a slash makes no file, neither here nor where a symlink leads', async () => {
    using tree = attackTree({ dangling: '-> new', out: '-> ../outside/new' });
    const before = tree.snapshot();
    const creating = ['open-create', 'open-create-nofollow', 'open-exclusive'];
    for (const path of ['new/', 'dangling/', 'out/']) {
      const run = await attack(kind, tree, { args: creating.flatMap((call) => [call, path]) });
      expect([...codes(run)].filter(([, code]) => !/^E(PERM|ISDIR|EXIST|NOENT)$/.test(code))).toEqual([]);
    }
    expect(tree.snapshot()).toEqual(before);
  });
});

describe.each(WASI_VERSIONS)('device-names (WASI %s)', (_version, kind) => {
  // Elsewhere host mounts are refused, so these are names here and nothing more.
  const names = [
    'CON',
    'nul',
    'COM1',
    'LPT²',
    'aux.txt',
    'C:',
    'C:%5cWindows',
    '%5c%5c?%5cC:%5c',
    'file::$DATA',
    'a:b',
  ];

  it('are names like any other', async () => {
    using tree = attackTree({});
    const before = around(tree);
    const run = await attack(kind, tree, { args: names.flatMap((name) => ['open-exclusive', name]) });
    expect([...codes(run).values()]).toEqual(['0', '5']);
    const made = Object.keys(contents(tree)).filter((name) => name.startsWith('mount/'));
    expect(made).toEqual(expect.arrayContaining(names.map((name) => `mount/${decodeURIComponent(name)}`)));
    expect(around(tree)).toEqual(before);
  });
});
