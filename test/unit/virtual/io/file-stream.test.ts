import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HostVolume } from '../../../../src/ambient/host-volume.ts';
import { ErrorCode } from '../../../../src/virtual/error-code.ts';
import { MAX_BESIDE_BYTES } from '../../../../src/virtual/filesystem/beside-budget.ts';
import { Quota } from '../../../../src/virtual/filesystem/quota.ts';
import { MemoryVolume } from '../../../../src/virtual/filesystem/memory-volume.ts';
import { FileInputStream, FileOutputStream } from '../../../../src/virtual/io/file-stream.ts';
import { StreamStatus, WRITE_BUDGET } from '../../../../src/virtual/io/streams.ts';
import { Guest, TEN } from '../filesystem/guest.ts';

let guest: Guest;

beforeEach(() => {
  const volume = new MemoryVolume({
    now: () => TEN,
    quota: new Quota({ bytes: 10, files: 2 }),
    content: { file: 'hello' },
  });
  guest = new Guest([{ path: '/', volume }]);
});
afterEach(() => guest.filesystem.closeAll());

describe('a stream that reads a file', () => {
  test('goes from its position to the end, and is closed there', () => {
    const stream = new FileInputStream(guest.filesystem, guest.open('file'), 1);
    const bytes = Buffer.alloc(4, '.');
    expect(stream.readInto(bytes, 1, 0)).toBe(0);
    expect(stream.readInto(bytes, 1, 3)).toBe(3);
    expect(bytes.toString()).toBe('.ell');
    expect([stream.ready(), stream.wait()]).toEqual([true, undefined]);
    expect(stream.readInto(bytes, 0, 4)).toBe(1);
    expect(stream.readInto(bytes, 0, 4)).toBe(StreamStatus.closed);
  });

  test('fails once with the reason, and is closed then', () => {
    const stream = new FileInputStream(guest.filesystem, guest.open('file'), 0);
    guest.guard.revoke(guest.grants[0] ?? expect.fail());
    expect(stream.readInto(Buffer.alloc(4), 0, 4)).toBe(StreamStatus.failed);
    expect(stream.failure).toBe(ErrorCode.notPermitted);
    expect(stream.readInto(Buffer.alloc(4), 0, 4)).toBe(StreamStatus.closed);
    expect(guest.refusals).toHaveLength(1);
  });
});

describe('handle-flood: streams of a large file that read beside the thread, and are never asked again', () => {
  const PART = 1 << 20;
  const COUNT = 40;
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'file-stream-'));
    writeFileSync(join(directory, 'file'), Buffer.alloc(2 * PART, 7));
    guest = new Guest([{ path: '/', volume: new HostVolume(directory) }]);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  async function settled(streams: readonly { wait(): Promise<void> | undefined }[]): Promise<void> {
    for (const stream of streams) await stream.wait();
  }

  test('hold no more than the bound together; the others read on the thread, less at a time', async () => {
    const target = Buffer.alloc(PART);
    const streams = Array.from(
      { length: COUNT },
      () => new FileInputStream(guest.filesystem, guest.open('file'), 0),
    );
    const counts = streams.map((stream) => stream.readInto(target, 0, PART));
    expect(counts.filter((count) => count === 0)).toHaveLength(MAX_BESIDE_BYTES / PART);
    expect(counts.filter((count) => count === WRITE_BUDGET)).toHaveLength(COUNT - MAX_BESIDE_BYTES / PART);
    await settled(streams);
    expect(guest.filesystem.beside.held).toBe(MAX_BESIDE_BYTES);
    // Who takes what is there makes room, and who is dropped.
    const [first, second] = streams as [FileInputStream, FileInputStream];
    expect(first.readInto(target, 0, PART)).toBe(PART);
    second.close();
    expect(guest.filesystem.beside.held).toBe(MAX_BESIDE_BYTES - 2 * PART);
    for (const stream of streams) stream.close();
    expect(guest.filesystem.beside.held).toBe(0);
  });

  test('give back what was on its way when they are dropped', async () => {
    const streams = Array.from(
      { length: COUNT },
      () => new FileInputStream(guest.filesystem, guest.open('file'), 0),
    );
    for (const stream of streams) stream.readInto(Buffer.alloc(PART), 0, PART);
    for (const stream of streams) stream.close();
    await settled(streams);
    expect(guest.filesystem.beside.held).toBe(0);
  });

  test('writers likewise: what finds no room is written on the thread', async () => {
    const writers = Array.from(
      { length: COUNT },
      () => new FileOutputStream(guest.filesystem, guest.open('file', 'rw'), 0, 'large'),
    );
    for (const writer of writers) expect(writer.write(Buffer.alloc(PART, 8), 0, PART)).toBe(0);
    expect(guest.filesystem.beside.held).toBe(MAX_BESIDE_BYTES);
    await settled(writers);
    expect(guest.filesystem.beside.held).toBe(0);
    expect(readFileSync(join(directory, 'file')).subarray(0, PART).equals(Buffer.alloc(PART, 8))).toBe(true);
  });
});

describe('a stream that writes a file', () => {
  const bytes = Buffer.from('abcdef');

  test('goes on from its position', () => {
    const stream = new FileOutputStream(guest.filesystem, guest.open('file', 'rw'), 3);
    expect(stream.checkWrite()).toBe(WRITE_BUDGET);
    expect(stream.write(bytes, 0, 2)).toBe(0);
    expect(stream.write(bytes, 2, 2)).toBe(0);
    expect(stream.flush()).toBe(0);
    expect(guest.get('file')).toBe('helabcd');
  });

  test('appends when it has none, wherever the end is by then', () => {
    const stream = new FileOutputStream(guest.filesystem, guest.open('file', 'rw'), undefined);
    expect(stream.write(bytes, 0, 1)).toBe(0);
    guest.filesystem.append(guest.open('file', 'w'), bytes, 5, 1);
    expect(stream.write(bytes, 1, 1)).toBe(0);
    expect(guest.get('file')).toBe('helloafb');
  });

  test('fails once with the reason, and is closed then', () => {
    const stream = new FileOutputStream(guest.filesystem, guest.open('file', 'rw'), undefined);
    expect(stream.write(bytes, 0, 6)).toBe(StreamStatus.failed);
    expect(stream.failure).toBe(ErrorCode.quota);
    expect(stream.checkWrite()).toBe(StreamStatus.closed);
    expect(stream.write(bytes, 0, 1)).toBe(StreamStatus.closed);
    expect(stream.flush()).toBe(StreamStatus.closed);
    expect(guest.get('file')).toBe('hello');
  });

  test('is closed when it is closed', () => {
    const stream = new FileOutputStream(guest.filesystem, guest.open('file', 'rw'), 0);
    stream.close();
    expect(stream.write(bytes, 0, 1)).toBe(StreamStatus.closed);
  });
});
