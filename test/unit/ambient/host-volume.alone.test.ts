import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HostVolume } from '../../../src/ambient/host-volume.ts';
import { errorCode } from '../../../src/ambient/host-volume-errno.ts';
import type { Permit } from '../../../src/kernel/permit.ts';
import { type VolumeDirectory, emptyStat } from '../../../src/virtual/filesystem/volume.ts';
import { Guest, nameOf, permitOf } from '../virtual/filesystem/guest.ts';

let base: string;
let jail: string;
let guest: Guest;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'bailiwick-host-'));
  jail = join(base, 'jail');
  mkdirSync(join(jail, 'dir'), { recursive: true });
  mkdirSync(join(base, 'outside'));
  writeFileSync(join(base, 'outside/secret'), 'secret');
  writeFileSync(join(jail, 'file'), 'inside');
  guest = new Guest([{ path: '/', volume: new HostVolume(jail) }]);
});
afterEach(() => {
  guest.filesystem.closeAll();
  rmSync(base, { recursive: true, force: true });
});

describe('what is not a file or a directory', () => {
  test.each([
    ['fifo', () => execFileSync('mkfifo', [join(jail, 'odd')]), 'fifo'],
    ['socket', () => execFileSync(process.execPath, ['-e', LISTEN, join(jail, 'odd')]), 'socket'],
  ])('a %s is seen and not opened, and nobody waits for it', (_name, make, type) => {
    make();
    expect(guest.type('odd')).toBe(type);
    for (const how of ['r', 'w', 'rw', 'wc', 'wt', 'rn'])
      expect(guest.opening('odd', how), how).toBe('access');
    expect(guest.opening('odd/')).toBe('notDirectory');
    expect(guest.opening('odd', 'wcx')).toBe('exist');
    expect(guest.unlink('odd')).toBe('ok');
  });

  // Only root may make device nodes.
  test.runIf(process.getuid?.() === 0)('a device is seen and not opened', () => {
    execFileSync('mknod', [join(jail, 'null'), 'c', '1', '3']);
    expect(guest.type('null')).toBe('characterDevice');
    expect(guest.opening('null', 'r')).toBe('access');
    expect(guest.put('null', 'x')).toBe('access');
  });
});

const LISTEN = 'require("net").createServer().listen(process.argv[1], () => process.exit(0))';

describe('the outside', () => {
  test.each([
    ['../outside/secret'],
    ['../outside'],
    ['/etc/hostname'],
    ['/proc/self/root'],
    ['/proc/self/cwd'],
    ['dir/../../outside/secret'],
  ])('a symlink to %s leads nowhere', (target) => {
    symlinkSync(target, join(jail, 'link'));
    symlinkSync('link', join(jail, 'chain'));
    symlinkSync(`../link`, join(jail, 'dir/back'));
    for (const path of ['link', 'chain', 'dir/back', 'link/', 'link/secret', 'chain/secret']) {
      // Creating by a path with a trailing slash fails before the path is looked at.
      for (const how of path.endsWith('/') ? ['r', 'w', 'rd'] : ['r', 'w', 'wc', 'wct', 'rd']) {
        expect(guest.opening(path, how), path).toBe('notPermitted');
      }
      expect(guest.type(path), path).toBe('notPermitted');
      expect(guest.times(path, 1n, 1n), path).toBe('notPermitted');
    }
    expect(guest.mkdir('link/new')).toBe('notPermitted');
    expect(guest.unlink('link/secret')).toBe('notPermitted');
    expect(guest.rename('link/secret', 'stolen')).toBe('notPermitted');
    expect(guest.link('link/secret', 'stolen')).toBe('notPermitted');
    expect(guest.rename('file', 'link/planted')).toBe('notPermitted');
    expect(readdirSync(join(base, 'outside'))).toEqual(['secret']);
    expect(readFileSync(join(base, 'outside/secret'), 'utf8')).toBe('secret');
    expect(guest.unlink('link')).toBe('ok');
  });

  test('a dangling symlink to the outside creates nothing there', () => {
    symlinkSync('../outside/new', join(jail, 'dangling'));
    for (const how of ['wc', 'wct', 'rwc']) expect(guest.opening('dangling', how)).toBe('notPermitted');
    expect(guest.opening('dangling', 'wcx')).toBe('exist');
    expect(guest.opening('dangling', 'wcn')).toBe('loop');
    expect(existsSync(join(base, 'outside/new'))).toBe(false);
  });

  test('a directory that is moved out while it is open takes the guest along, but no higher', () => {
    const directory = guest.open('dir');
    renameSync(join(jail, 'dir'), join(base, 'outside/dir'));
    expect(guest.put('new', 'x', directory)).toBe('ok');
    expect(guest.opening('../secret', 'r', directory)).toBe('notPermitted');
  });

  test('the volume is the directory that was opened, whatever its path is now', () => {
    renameSync(jail, join(base, 'moved'));
    symlinkSync('outside', jail);
    expect(guest.get('file')).toBe('inside');
    expect(guest.get('secret')).toBe('noEntry');
  });

  test('the host may have hard links to the outside: they are files of the directory', () => {
    linkSync(join(base, 'outside/secret'), join(jail, 'hard'));
    expect(guest.get('hard')).toBe('secret');
  });
});

describe('what is made on the host', () => {
  test.each([
    [undefined, 0, 0o644, 0o755],
    [0o027, 0, 0o640, 0o750],
    [0o077, 0, 0o600, 0o700],
    [0, 0, 0o666, 0o777],
    // The process's own umask takes more, and gives nothing back.
    [0, 0o027, 0o640, 0o750],
    [0o007, 0o020, 0o640, 0o750],
  ])('has what umask %o of the policy and %o of the process leave', (umask, own, file, folder) => {
    const another = new Guest([{ path: '/', volume: new HostVolume(jail, { umask }) }]);
    const before = process.umask(own);
    try {
      another.put('new', 'x');
      another.mkdir('newdir');
    } finally {
      process.umask(before);
      another.filesystem.closeAll();
    }
    expect(statSync(join(jail, 'new')).mode & 0o7777).toBe(file);
    expect(statSync(join(jail, 'newdir')).mode & 0o7777).toBe(folder);
  });

  test('has no set-id bit and no sticky bit, and what is there keeps its own', () => {
    chmodSync(join(jail, 'file'), 0o4755);
    const another = new Guest([{ path: '/', volume: new HostVolume(jail, { umask: 0o7022 }) }]);
    another.put('new', 'x');
    another.mkdir('newdir');
    another.rename('file', 'moved');
    another.filesystem.closeAll();
    expect(statSync(join(jail, 'new')).mode & 0o7000).toBe(0);
    expect(statSync(join(jail, 'newdir')).mode & 0o7000).toBe(0);
    expect(statSync(join(jail, 'moved')).mode & 0o7777).toBe(0o4755);
  });

  test('appending is atomic with others who append', () => {
    const file = guest.open('file', 'w');
    guest.append(file, ' one');
    writeFileSync(join(jail, 'file'), ' two', { flag: 'a' });
    guest.append(file, ' three');
    expect(readFileSync(join(jail, 'file'), 'utf8')).toBe('inside one two three');
  });
});

describe('what the guest is told', () => {
  test('inode numbers are counted up, stable, and not the host’s', () => {
    const [file, directory] = [guest.statOf('file').inode, guest.statOf('dir').inode];
    expect(file).toBeLessThan(10n);
    guest.rename('file', 'moved');
    expect(guest.statOf('moved').inode).toBe(file);
    expect(guest.statOf('dir').inode).toBe(directory);
    const entries = guest.filesystem.readDirectory(guest.root);
    expect(entries).toEqual([
      { name: 'dir', type: 3, inode: directory },
      { name: 'moved', type: 6, inode: file },
    ]);
  });

  test('a new file under a number of the host that is used again is a new one', () => {
    const seen = new Set<bigint>();
    for (let i = 0; i < 20; i++) {
      guest.put('again', 'x');
      seen.add(guest.statOf('again').inode);
      guest.unlink('again');
    }
    expect(seen.size).toBe(20);
  });

  test('names that are not UTF-8 are left out, others with replacement characters are not', () => {
    closeSync(openSync(Buffer.concat([Buffer.from(`${jail}/`), Buffer.of(0xff, 0x41)]), 'w'));
    writeFileSync(join(jail, 'real \uFFFD'), 'x');
    expect(guest.list()).toEqual(['dir', 'file', 'real \uFFFD']);
  });

  // Root may do everything.
  test.runIf(process.getuid?.() !== 0)('what the process may not do is no access', () => {
    chmodSync(join(jail, 'file'), 0);
    expect(guest.opening('file')).toBe('access');
  });

  test('no error of the host escapes, nor its message', () => {
    expect(nameOf(errorCode(new Error('/srv/secret/path')))).toBe('io');
    expect(nameOf(errorCode(undefined))).toBe('io');
    expect(guest.times('file', -1n, 0n)).toBe('invalid');
    expect(['ok', 'invalid']).toContain(guest.times('file', 2n ** 63n, 2n ** 64n - 1n));
  });
});

describe('permits', () => {
  test('every call wants one that a guard made', () => {
    const forged = Object.create(Object.getPrototypeOf(permitOf(guest)) as object) as Permit;
    const volume = new HostVolume(jail);
    const root = volume.openRoot(permitOf(guest)) as VolumeDirectory;
    const file = root.openFile(permitOf(guest), 'file', 3);
    if (typeof file === 'number') throw new Error(nameOf(file));
    const bytes = new Uint8Array(1);
    const calls: (() => unknown)[] = [
      () => volume.openRoot(forged),
      () => root.reopen(forged),
      () => root.openDescendant?.(forged, 'dir'),
      () => root.openDirectory(forged, 'dir'),
      () => root.openFile(forged, 'file', 1),
      () => root.createDirectory(forged, 'x'),
      () => root.stat(forged, emptyStat()),
      () => root.statAt(forged, 'file', emptyStat()),
      () => root.readlink(forged, 'file'),
      () => root.removeDirectory(forged, 'dir'),
      () => root.unlinkFile(forged, 'file'),
      () => root.rename(forged, 'file', root, 'x'),
      () => root.link(forged, 'file', root, 'x'),
      () => root.symlink(forged, 'x', 'y'),
      () => root.setTimes(forged, 1n, 1n),
      () => root.setTimesAt(forged, 'file', 1n, 1n),
      () => root.entries(forged),
      () => root.sync(forged),
      () => file.read(forged, bytes, 0, 1, 0),
      () => file.write(forged, bytes, 0, 1, 0),
      () => file.append(forged, bytes, 0, 1),
      () => file.stat(forged, emptyStat()),
      () => file.setSize(forged, 0),
      () => file.setTimes(forged, 1n, 1n),
      () => file.sync(forged, true),
    ];
    for (const call of calls) expect(call, call.toString()).toThrow('not a permit');
    volume.close();
    expect(readdirSync(jail)).toEqual(['dir', 'file']);
    expect(readFileSync(join(jail, 'file'), 'utf8')).toBe('inside');
  });
});

describe('descriptors of the process', () => {
  const count = (): number => readdirSync('/proc/self/fd').length;

  test('none is left behind, whatever happened', () => {
    symlinkSync('dir', join(jail, 'link'));
    symlinkSync('..', join(jail, 'up'));
    mkdirSync(join(jail, 'dir/a/b/c'), { recursive: true });
    const everything = (): void => {
      guest.get('link/../file');
      guest.opening('dir/a/b/c/missing');
      guest.opening('dir/a/b/c/../..', 'rd');
      guest.opening('file', 'rd');
      guest.opening('dir', 'w');
      guest.opening('link/a/b/../../../up/x');
      guest.put('dir/a/b/new', 'x');
      guest.rename('dir/a/b/new', 'link/a/b/c/new');
      guest.rename('dir/a/b/c/new', 'up/new');
      guest.list('dir/a');
      guest.unlink('dir/a/b/c/new');
      guest.type('link/a/b/');
      guest.filesystem.sync(guest.root, false);
    };
    // The directories that are kept to come back to are open after the first round.
    everything();
    const before = count();
    for (let i = 0; i < 50; i++) everything();
    expect(count()).toBe(before);
  });

  test('all are closed with the volume, also those that nobody closed', () => {
    const before = count();
    const volume = new HostVolume(jail);
    const another = new Guest([{ path: '/', volume }]);
    const file = another.open('file', 'rw');
    another.append(file, 'x');
    another.open('dir');
    const root = volume.openRoot(permitOf(another)) as VolumeDirectory;
    // The root, which the handles of it share, two for the file that is appended to as well, and `dir`.
    expect(count()).toBe(before + 1 + 2 + 1);
    another.filesystem.closeAll();
    expect(count()).toBe(before);
    // The numbers of the descriptors are others' now; nothing may be done with them.
    const reused = openSync(join(base, 'outside/secret'), 'r+');
    expect(nameOf(root.stat(permitOf(another), emptyStat()))).toBe('badDescriptor');
    expect(nameOf(root.createDirectory(permitOf(another), 'x'))).toBe('badDescriptor');
    expect(another.read(file)).toBe('badDescriptor');
    expect(volume.openRoot(permitOf(another))).toBe(4);
    closeSync(reused);
    volume.close();
  });

  test('are not handed to a child process', () => {
    guest.open('file');
    const seen = execFileSync('ls', ['-l', '/proc/self/fd'], { encoding: 'utf8' });
    expect(seen).not.toContain('jail');
  });
});

describe('the constructor', () => {
  test.each([['missing'], ['file'], ['missing/..']])('refuses %s without telling where it lies', (name) => {
    const refused = (): HostVolume => new HostVolume(join(jail, name));
    if (name === 'missing/..') return expect(() => new HostVolume(`${jail}/missing/..`)).toThrow('ENOENT');
    expect(refused).toThrow(expect.objectContaining({ name: 'BindingError', code: 'BW_BINDING_DIRECTORY' }));
    expect(refused).not.toThrow(base);
  });

  test('follows a symlink that the embedder names', () => {
    symlinkSync('jail', join(base, 'to-jail'));
    const another = new Guest([{ path: '/', volume: new HostVolume(join(base, 'to-jail')) }]);
    expect(another.get('file')).toBe('inside');
    another.filesystem.closeAll();
  });
});
