import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ErrorCode } from '../../../../src/virtual/error-code.ts';
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
