import { describe, expect, test } from 'vitest';
import { ACCESS_WORDS, type AccessWord } from '../../../../src/policy/index.ts';
import { MemoryVolume } from '../../../../src/virtual/filesystem/memory-volume.ts';
import { Guest, nameOf, TEN } from './guest.ts';

const CONTENT = { file: 'hello', 'dir/inner': 'inner', 'empty/': null };

function guestWith(access: readonly AccessWord[]): Guest {
  return new Guest([{ path: '/', volume: new MemoryVolume({ now: () => TEN, content: CONTENT }), access }]);
}

/** What each operation needs, and nothing else will do. */
const NEEDS: readonly (readonly [string, readonly AccessWord[], (guest: Guest) => string])[] = [
  ['reading a file', ['read'], (guest) => guest.get('file')],
  ['opening a directory', ['read'], (guest) => guest.opening('dir')],
  ['opening a directory', ['list'], (guest) => guest.opening('dir')],
  ['reading a directory', ['list'], (guest) => nameOf(readDirectory(guest))],
  ['stat', ['read'], (guest) => guest.type('file')],
  ['stat', ['list'], (guest) => guest.type('file')],
  ['writing over a file', ['write'], (guest) => writing(guest, 'w')],
  ['truncating', ['write'], (guest) => guest.opening('file', 'wt')],
  ['creating an empty file', ['create'], (guest) => guest.opening('new', 'c')],
  ['creating and writing', ['create', 'write'], (guest) => guest.put('new', 'text')],
  ['creating exclusively', ['create', 'write'], (guest) => guest.opening('new', 'wcx')],
  ['writing to what may exist', ['write'], (guest) => writing(guest, 'wc')],
  ['appending with write', ['write'], appending],
  ['appending with append', ['append'], appending],
  ['mkdir', ['create'], (guest) => guest.mkdir('new')],
  ['unlink', ['delete'], (guest) => guest.unlink('file')],
  ['rmdir', ['delete'], (guest) => guest.rmdir('empty')],
  ['rename', ['rename'], (guest) => guest.rename('file', 'dir/file')],
  ['link', ['link'], (guest) => guest.link('file', 'new')],
  ['symlink', ['symlink'], (guest) => guest.symlink('file', 'new')],
  ['set-times', ['set-times'], (guest) => guest.times('file', 1n, 2n)],
];

const DONE = new Set(['ok', 'file', 'directory', 'regularFile', 'hello']);

describe('what an operation needs', () => {
  test.each(NEEDS)('%s: %j is enough', (_name, words, operation) => {
    const guest = guestWith(words);
    expect(DONE).toContain(operation(guest));
    expect(guest.refusals).toEqual([]);
  });

  test.each(NEEDS)(
    '%s: without %j it is denied, once on record, without effect',
    (name, words, operation) => {
      for (const word of words) {
        const others = ACCESS_WORDS.filter((other) => other !== word && !covers(other, word, name));
        const guest = guestWith(others);
        expect(['notPermitted', 'readOnly']).toContain(operation(guest));
        expect(guest.refusals).toMatchObject([{ kind: 'denied', grant: 'fs/' }]);
        expect(guest.refusals[0]?.request.access).toContain(askedFor(word, name));
        expect(treeOf(guest)).toEqual(treeOf(guestWith(ACCESS_WORDS)));
      }
    },
  );
});

describe('the error code of a denial', () => {
  test('on a mount where nothing can be changed it is that of a read-only file system', () => {
    const guest = guestWith(['read', 'list']);
    expect(guest.put('new', 'x')).toBe('readOnly');
    expect(guest.mkdir('new')).toBe('readOnly');
    expect(guest.unlink('file')).toBe('readOnly');
    expect(guest.rename('file', 'x')).toBe('readOnly');
    expect(guest.times('file', 1n, 1n)).toBe('readOnly');
  });

  test('elsewhere it is that of an operation not permitted', () => {
    const guest = guestWith(['read', 'list', 'create', 'write']);
    expect(guest.unlink('file')).toBe('notPermitted');
    expect(guestWith(['write']).get('file')).toBe('notPermitted');
    expect(guestWith([]).get('file')).toBe('notPermitted');
  });
});

describe('a grant taken back', () => {
  test('denies what is open already', () => {
    const guest = guestWith(ACCESS_WORDS);
    const file = guest.open('file', 'rw');
    expect(guest.read(file)).toBe('hello');
    guest.guard.revoke(guest.grants[0] ?? expect.fail());
    expect(guest.read(file)).toBe('notPermitted');
    expect(nameOf(guest.write(file, 'x'))).toBe('notPermitted');
    expect(nameOf(guest.filesystem.sync(file, true))).toBe('notPermitted');
    expect(guest.type('file')).toBe('notPermitted');
    expect(guest.refusals.map(({ request }) => request.operation)).toEqual([
      'read',
      'write',
      'sync',
      'stat-at',
    ]);
  });
});

describe('the record', () => {
  test('has the first use of each word, with the path as the guest gave it', () => {
    const guest = guestWith(ACCESS_WORDS);
    guest.get('./file');
    guest.get('dir/inner');
    guest.put('new', 'x');
    expect(
      guest.records.map(({ kind, request }) => [kind, request.operation, request.subject, request.access]),
    ).toEqual([
      ['used', 'open-at', './file', ['read']],
      ['used', 'open-at', 'new', ['write']],
      ['used', 'open-at', 'new', ['create']],
    ]);
  });

  test('a list-only mount opens directories and no files', () => {
    const guest = guestWith(['list']);
    expect(guest.opening('dir', 'r')).toBe('directory');
    expect(guest.opening('file', 'r')).toBe('notPermitted');
    expect(guest.opening('file', '')).toBe('notPermitted');
    expect(guest.refusals).toMatchObject([
      { request: { subject: 'file', access: ['read'] } },
      { request: { subject: 'file', access: ['read'] } },
    ]);
    expect(guest.meter.handles).toBe(0);
  });

  test('a drop box takes files and shows none', () => {
    const guest = guestWith(['create', 'append']);
    const file = guest.open('new', 'wc');
    expect(guest.append(file, 'one')).toBe(3);
    expect(guest.append(file, 'two')).toBe(3);
    expect(guest.fstat(file).size).toBe(6);
    expect(nameOf(guest.write(file, 'X', 0))).toBe('notPermitted');
    expect(nameOf(guest.filesystem.setSize(file, 0))).toBe('notPermitted');
    expect(guest.opening('new', 'wt')).toBe('notPermitted');
    expect(guest.get('new')).toBe('notPermitted');
    expect(guest.type('new')).toBe('notPermitted');
  });
});

function readDirectory(guest: Guest): number {
  const entries = guest.filesystem.readDirectory(guest.root);
  return typeof entries === 'number' ? entries : 0;
}

function writing(guest: Guest, how: string): string {
  const file = guest.tryOpen('file', how);
  if (typeof file === 'number') return nameOf(file);
  const count = guest.write(file, 'J');
  return count === 1 ? 'ok' : nameOf(count);
}

function appending(guest: Guest): string {
  const file = guest.tryOpen('file', 'w');
  if (typeof file === 'number') return nameOf(file);
  const count = guest.append(file, ' there');
  return count === 6 ? 'ok' : nameOf(count);
}

/** Of alternatives, the record of a denial names one. */
function askedFor(word: AccessWord, name: string): AccessWord {
  if (word === 'append') return 'write';
  return word === 'read' && (name === 'stat' || name === 'opening a directory') ? 'list' : word;
}

/** Words that serve as well as `word`. */
function covers(other: AccessWord, word: AccessWord, name: string): boolean {
  if (word === 'append') return other === 'write';
  if (word === 'write')
    return other === 'append' && (name.startsWith('appending') || name === 'creating exclusively');
  return (
    (word === 'read' || word === 'list') &&
    (name === 'stat' || name === 'opening a directory') &&
    isLook(other)
  );
}

function isLook(word: AccessWord): boolean {
  return word === 'read' || word === 'list';
}

/** The tree as it is, whatever the guest may see of it. */
function treeOf(guest: Guest): Record<string, string> {
  return new Guest([{ path: '/', volume: guest.root.mount.volume }]).tree();
}
