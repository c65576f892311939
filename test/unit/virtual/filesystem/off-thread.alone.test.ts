import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HostVolume } from '../../../../src/ambient/host-volume.ts';
import type { Grant } from '../../../../src/kernel/grant.ts';
import type { Descriptor } from '../../../../src/virtual/filesystem/descriptor.ts';
import { leavesThread } from '../../../../src/virtual/filesystem/file-transfers.ts';
import { MemoryVolume } from '../../../../src/virtual/filesystem/memory-volume.ts';
import { OverlayVolume } from '../../../../src/virtual/filesystem/overlay-volume.ts';
import { Quota } from '../../../../src/virtual/filesystem/quota.ts';
import { Traffic } from '../../../../src/virtual/filesystem/traffic.ts';
import type { VolumeFile } from '../../../../src/virtual/filesystem/volume.ts';
import { FileInputStream } from '../../../../src/virtual/io/file-stream.ts';
import { StreamStatus } from '../../../../src/virtual/io/streams.ts';
import { Guest, nameOf, permitOf } from './guest.ts';

let directory: string;
let quota: Quota;
let guest: Guest;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bailiwick-off-thread-'));
  quota = new Quota({ bytes: 1000 });
  guest = new Guest([{ path: '/', volume: new HostVolume(directory, { quota, offThreadFrom: 4 }) }]);
});
afterEach(() => {
  guest.filesystem.closeAll();
  rmSync(directory, { recursive: true });
});

const write = (file: Descriptor, text: string, position?: number): Promise<number> =>
  guest.filesystem.writeOffThread(file, Buffer.from(text), 0, text.length, position);

async function read(file: Descriptor, length = 100, position = 0): Promise<string> {
  const bytes = new Uint8Array(length);
  const count = await guest.filesystem.readOffThread(file, bytes, 0, length, position);
  return count < 0 ? nameOf(count) : Buffer.from(bytes.subarray(0, count)).toString();
}

const descriptors = (): number => readdirSync('/proc/self/fd').length;

describe('beside the thread', () => {
  test('files are read, written and appended to as on it', async () => {
    const file = guest.open('file', 'rwc');
    expect([leavesThread(file, 3), leavesThread(file, 4)]).toEqual([false, true]);
    expect(await write(file, 'hello world', 0)).toBe(11);
    expect(await write(file, '!!')).toBe(2);
    expect(await read(file)).toBe('hello world!!');
    expect(await read(file, 5, 6)).toBe('world');
    expect(await read(file, 5, 100)).toBe('');
    expect([guest.meter.fileBytesRead, guest.meter.fileBytesWritten]).toEqual([18, 13]);
  });

  test('what comes after the end closes nobody else’s descriptor', async () => {
    guest.put('file', 'hello world');
    const file = guest.open('file').file as VolumeFile;
    const permit = permitOf(guest);
    const reading = file.offThread?.read(permit, new Uint8Array(11), 0, 11, 0);
    file.close();
    expect(await reading).toBe(11);
    // Takes the number that has become free.
    const other = guest.open('file');
    expect(await file.offThread?.read(permit, new Uint8Array(11), 0, 11, 0)).toBeLessThan(0);
    expect(guest.read(other)).toBe('hello world');
  });

  test('a long write goes on where the copy of its file is in memory', async () => {
    guest.put('file', 'hello world');
    const lower = new HostVolume(directory, { offThreadFrom: 4 });
    const volume = new OverlayVolume({ lower, upper: new MemoryVolume({ now: () => 0n }) });
    const over = new Guest([{ path: '/', volume }]);
    const file = over.open('file', 'rw');
    const step = (text: string, position?: number): Promise<number> =>
      over.filesystem.writeOffThread(file, Buffer.from(text), 0, text.length, position);
    // Each step of a transfer comes here, the first of which copies the file up.
    expect(leavesThread(file, 5)).toBe(true);
    expect([await step('HELLO', 0), await step('-WORLD', 5), await step('!')]).toEqual([5, 6, 1]);
    const bytes = new Uint8Array(12);
    expect(await over.filesystem.readOffThread(file, bytes, 0, 12, 0)).toBe(12);
    expect(Buffer.from(bytes).toString()).toBe('HELLO-WORLD!');
    over.filesystem.closeAll();
  });

  test('transfers under way count against the budget, and give back what they did not move', async () => {
    const traffic = new Traffic('fs/', { readBytes: 12, writeBytes: 12 });
    guest.put('file', 'hello world');
    const bound = new Guest([
      { path: '/', volume: new HostVolume(directory, { offThreadFrom: 4 }), rules: { traffic } },
    ]);
    const file = bound.open('file', 'rw');
    const { filesystem } = bound;
    const reads = [10, 10, 10].map((length) =>
      filesystem.readOffThread(file, new Uint8Array(length), 0, length, 0),
    );
    expect((await Promise.all(reads)).map((count) => (count < 0 ? nameOf(count) : count))).toEqual([
      10,
      2,
      'quota',
    ]);
    const writes = [10, 10].map(() => filesystem.writeOffThread(file, new Uint8Array(10), 0, 10, 0));
    expect(await Promise.all(writes)).toEqual([10, 2]);
    expect([bound.meter.fileBytesRead, bound.meter.fileBytesWritten]).toEqual([12, 12]);
    const fresh = new Traffic('fs/', { readBytes: 100 });
    const other = new Guest([
      { path: '/', volume: new HostVolume(directory, { offThreadFrom: 4 }), rules: { traffic: fresh } },
    ]);
    const again = other.open('file');
    const count = await other.filesystem.readOffThread(again, new Uint8Array(50), 0, 50, 0);
    expect(fresh.readable(100)).toBe(100 - count);
    bound.filesystem.closeAll();
    other.filesystem.closeAll();
  });

  test('the quota is asked before, and gets back what was not needed', async () => {
    const file = guest.open('file', 'rwc');
    expect(await write(file, 'x'.repeat(600), 0)).toBe(600);
    expect(nameOf(await write(file, 'x'.repeat(401), 600))).toBe('quota');
    expect(nameOf(await write(file, 'x'.repeat(401)))).toBe('quota');
    expect(quota.bytes).toBe(600);
    const both = await Promise.all([write(file, 'y'.repeat(300), 600), write(file, 'z'.repeat(300), 900)]);
    // The second is asked for while the first is under way: no two operations share the room for one.
    expect(both.map((count) => (count < 0 ? nameOf(count) : String(count)))).toEqual(['300', 'quota']);
    expect(quota.bytes).toBe(900);
    const reader = guest.open('file', 'r');
    expect(nameOf(await write(reader, 'four', 0))).toBe('badDescriptor');
    expect(quota.bytes).toBe(900);
  });

  test('a file that is closed meanwhile stays open until it is done, and not longer', async () => {
    const before = descriptors();
    const file = guest.open('file', 'rwc');
    const writing = write(file, 'x'.repeat(500), 0);
    guest.unlink('file');
    guest.filesystem.close(file);
    const other = guest.open('other', 'wc');
    expect(await writing).toBe(500);
    expect(readFileSync(join(directory, 'other'), 'utf8')).toBe('');
    guest.filesystem.close(other);
    expect(descriptors()).toBe(before);
    // Its last name and its last use are gone.
    expect(quota.bytes).toBe(0);
    expect(await read(file)).toBe('badDescriptor');
  });

  test('what the grant no longer allows is not begun', async () => {
    const file = guest.open('file', 'rwc');
    const first = write(file, 'first', 0);
    guest.guard.revoke(guest.grants[0] as Grant);
    expect(await first).toBe(5);
    expect(nameOf(await write(file, 'second', 0))).toBe('notPermitted');
    expect(await read(file)).toBe('notPermitted');
    expect(readFileSync(join(directory, 'file'), 'utf8')).toBe('first');
  });

  test('a stream answers that nothing is there yet, and gives all of it in whatever pieces', async () => {
    guest.put('file', 'hello world');
    const stream = new FileInputStream(guest.filesystem, guest.open('file'), 0);
    const bytes = Buffer.alloc(100);
    expect(stream.readInto(bytes, 0, 100)).toBe(0);
    expect([stream.ready(), stream.readInto(bytes, 0, 2)]).toEqual([false, 0]);
    await stream.wait();
    expect(stream.ready()).toBe(true);
    expect(stream.readInto(bytes, 0, 6)).toBe(6);
    expect(stream.readInto(bytes, 6, 100)).toBe(5);
    expect(bytes.toString('utf8', 0, 11)).toBe('hello world');
    expect(stream.readInto(bytes, 0, 100)).toBe(0);
    await stream.wait();
    expect(stream.readInto(bytes, 0, 100)).toBe(StreamStatus.closed);
  });

  test('a stream tells of a failure once', async () => {
    guest.put('file', 'hello world');
    const stream = new FileInputStream(guest.filesystem, guest.open('file'), 0);
    guest.guard.revoke(guest.grants[0] as Grant);
    expect(stream.readInto(new Uint8Array(100), 0, 100)).toBe(0);
    await stream.wait();
    expect(stream.readInto(new Uint8Array(100), 0, 100)).toBe(StreamStatus.failed);
    expect(nameOf(stream.failure)).toBe('notPermitted');
    expect(stream.readInto(new Uint8Array(100), 0, 100)).toBe(StreamStatus.closed);
  });
});
