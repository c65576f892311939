import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { HostVolume } from '../../../src/ambient/host-volume.ts';
import { Guest } from '../virtual/filesystem/guest.ts';

const component = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      'a',
      'b',
      'c',
      'dir',
      'link',
      '..',
      '..',
      '.',
      '',
      'outside',
      'secret',
      'jail',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'proc',
      'self',
      'root',
      'cwd',
      'fd',
      '...',
      '.. ',
      '..\\',
      '%2e%2e',
      '\u2025',
      '~',
    ),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 5 }) },
);
const path = fc.array(component, { minLength: 1, maxLength: 6 }).map((names) => names.join('/'));
/** What somebody on the host could have left in the directory, escapes included. */
const links = fc.array(
  fc.tuple(
    fc.constantFrom('a', 'b', 'c', 'dir/a', 'dir/b', 'link'),
    fc.oneof(
      path,
      fc.constantFrom(
        '/',
        '/proc/self/root',
        '/proc/self/cwd',
        '../outside',
        '../../outside',
        '../jail',
        'BASE/outside',
      ),
    ),
  ),
  { maxLength: 4 },
);
const action = fc.tuple(
  fc.constantFrom(
    'get',
    'put',
    'mkdir',
    'rmdir',
    'unlink',
    'rename',
    'link',
    'symlink',
    'list',
    'times',
    'readlink',
  ),
  path,
  path,
);

test('no path leads out of the directory, however it is made', () => {
  fc.assert(
    fc.property(links, fc.array(action, { maxLength: 12 }), (links, actions) => {
      const base = mkdtempSync(join(tmpdir(), 'bailiwick-jail-'));
      mkdirSync(join(base, 'jail/dir'), { recursive: true });
      mkdirSync(join(base, 'outside'));
      writeFileSync(join(base, 'outside/secret'), 'SECRET');
      for (const [name, target] of links) plant(base, name, target);
      const volume = new HostVolume(join(base, 'jail'));
      const guest = new Guest([{ path: '/', volume }]);
      try {
        for (const [name, first, second] of actions) {
          const seen = act(guest, name, first, second);
          expect(seen).not.toContain('SECRET');
          expect(seen).not.toContain(base);
        }
        expect(readdirSync(base).toSorted()).toEqual(['jail', 'outside']);
        expect(readdirSync(join(base, 'outside'))).toEqual(['secret']);
        expect(readFileSync(join(base, 'outside/secret'), 'utf8')).toBe('SECRET');
      } finally {
        guest.filesystem.closeAll();
        rmSync(base, { recursive: true });
      }
    }),
    { numRuns: 150 },
  );
});

function plant(base: string, name: string, target: string): void {
  try {
    symlinkSync(target.replace('BASE', base), join(base, 'jail', name));
  } catch {
    // Taken already, or not a target that a symlink can have.
  }
}

function act(guest: Guest, name: string, first: string, second: string): string {
  switch (name) {
    case 'get':
      return guest.get(first);
    case 'put':
      return guest.put(first, 'overwritten');
    case 'list': {
      const opened = guest.tryOpen(first, 'rd');
      const entries = typeof opened === 'number' ? [] : guest.filesystem.readDirectory(opened);
      if (typeof opened !== 'number') guest.filesystem.close(opened);
      // `secret` is the only name on the outside; a guest may have made one inside.
      return typeof entries === 'number' ? '' : entries.map((entry) => entry.name).join(' ');
    }
    case 'times':
      return guest.times(first, 1n, 1n);
    case 'readlink':
      return guest.readlink(first);
    case 'mkdir':
    case 'rmdir':
    case 'unlink':
      return guest[name](first);
    case 'rename':
    case 'link':
      return guest[name](first, second);
    default:
      return guest.symlink(first, second);
  }
}
