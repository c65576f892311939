import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HostVolume } from '../../../src/ambient/host-volume.ts';
import { Guest } from '../virtual/filesystem/guest.ts';

/** Swaps a directory and a file for symlinks to the outside and back, as fast as it can, until it is killed. */
const ATTACKER = `
  const { renameSync, symlinkSync, unlinkSync } = require('node:fs');
  process.chdir(process.argv[1]);
  console.log('ready');
  for (;;) {
    renameSync('dir', 'dir.real');
    symlinkSync('../outside', 'dir');
    renameSync('file', 'file.real');
    symlinkSync('../outside/file', 'file');
    unlinkSync('dir');
    renameSync('dir.real', 'dir');
    unlinkSync('file');
    renameSync('file.real', 'file');
  }
`;

test('nobody who swaps directories and symlinks meanwhile leads a guest out', async () => {
  const base = mkdtempSync(join(tmpdir(), 'bailiwick-race-'));
  for (const place of ['jail', 'jail/dir', 'outside']) mkdirSync(join(base, place));
  for (const place of ['jail/dir/file', 'jail/file']) writeFileSync(join(base, place), 'inside');
  writeFileSync(join(base, 'outside/file'), 'OUTSIDE');
  const guest = new Guest([{ path: '/', volume: new HostVolume(join(base, 'jail')) }]);
  const attacker = spawn(process.execPath, ['-e', ATTACKER, join(base, 'jail')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await new Promise((resolve) => attacker.stdout.once('data', resolve));
    const seen = race(guest, join(base, 'jail'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(attacker.exitCode).toBeNull();
    // The attack was on: by plain paths one does get out, and the guest met both states.
    expect(seen.byPlainPath.get('OUTSIDE')).toBeGreaterThan(0);
    expect(seen.byGuest.get('inside')).toBeGreaterThan(0);
    expect(seen.byGuest.get('notPermitted')).toBeGreaterThan(0);
    expect(seen.byGuest.get('OUTSIDE')).toBeUndefined();
    // What was a symlink and is none any more is looked at again, and told to nobody.
    expect(seen.byGuest.get('invalid')).toBeUndefined();
    expect(readdirSync(join(base, 'outside'))).toEqual(['file']);
    expect(readFileSync(join(base, 'outside/file'), 'utf8')).toBe('OUTSIDE');
    expect(statSync(join(base, 'outside')).mtimeMs).toBeGreaterThan(1);
  } finally {
    attacker.kill('SIGKILL');
    await new Promise((resolve) => attacker.once('close', resolve));
    guest.filesystem.closeAll();
    rmSync(base, { recursive: true });
  }
});

interface Seen {
  readonly byGuest: Map<string, number>;
  readonly byPlainPath: Map<string, number>;
}

function race(guest: Guest, jail: string): Seen {
  const seen: Seen = { byGuest: new Map(), byPlainPath: new Map() };
  const count = (counts: Map<string, number>, what: string): unknown =>
    counts.set(what, (counts.get(what) ?? 0) + 1);
  const end = performance.now() + 2000;
  while (performance.now() < end) {
    for (const path of ['dir/file', 'file', './dir/../dir/file']) {
      count(seen.byGuest, guest.get(path));
      count(seen.byPlainPath, plainRead(join(jail, path)));
    }
    count(seen.byGuest, guest.put('dir/new', 'new'));
    count(seen.byGuest, guest.rename('dir/new', 'dir/newer'));
    count(seen.byGuest, guest.link('file', 'dir/newest'));
    for (const name of ['new', 'newer', 'newest']) count(seen.byGuest, guest.unlink(`dir/${name}`));
    count(seen.byGuest, guest.mkdir('dir/newdir'));
    count(seen.byGuest, guest.rmdir('dir/newdir'));
    count(seen.byGuest, guest.times('dir/', 1n, 1n));
    guest.records.length = 0;
  }
  return seen;
}

function plainRead(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return 'failed';
  }
}
