import { describe, expect, it } from 'vitest';
import { Errno } from '../../../../shims/preview1/errno.ts';
import { MAX_U64, PREOPEN, Shim } from './harness.ts';

interface Entry {
  readonly next: bigint;
  readonly inode: bigint;
  readonly type: number;
  readonly name: string;
}

function shimWith(...names: readonly string[]): Shim {
  return new Shim({
    mounts: [
      { path: '/', content: Object.fromEntries(names.map((name) => [name, name.endsWith('/') ? null : ''])) },
    ],
  });
}

/** One call. @returns the whole entries, and how many bytes were used */
function read(shim: Shim, cookie: bigint, size = 4096): { entries: Entry[]; used: number } {
  const buffer = 32_768;
  const used = shim.room(4);
  const errno = shim.call.fd_readdir(PREOPEN, buffer, size, cookie, used);
  if (errno !== 0) throw new Error(`errno ${errno}`);
  const end = buffer + shim.u32(used);
  const entries: Entry[] = [];
  for (let at = buffer; at + 24 <= end;) {
    const length = shim.u32(at + 16);
    if (at + 24 + length > end) break;
    const type = shim.bytes[at + 20] ?? -1;
    entries.push({ next: shim.u64(at), inode: shim.u64(at + 8), type, name: shim.text(at + 24, length) });
    at += 24 + length;
  }
  return { entries, used: end - buffer };
}

const names = ({ entries }: { entries: readonly Entry[] }): string[] => entries.map(({ name }) => name);

function unlink(shim: Shim, name: string): void {
  const { at, length } = shim.put(name);
  expect(shim.call.path_unlink_file(PREOPEN, at, length)).toBe(Errno.success);
}

describe('fd_readdir', () => {
  it('lists dot, dot dot and the entries, with the inode and type that stat gives', () => {
    const shim = shimWith('file', 'ä/');
    const { entries, used } = read(shim, 0n);
    expect(entries.map(({ name, type }) => [name, type])).toEqual([
      ['.', 3],
      ['..', 3],
      ['file', 4],
      ['ä', 3],
    ]);
    expect(used).toBe(4 * 24 + 1 + 2 + 4 + 2);
    const stat = shim.room(64);
    const { at, length } = shim.put('file');
    shim.call.path_filestat_get(PREOPEN, 0, at, length, stat);
    expect(entries[2]?.inode).toBe(shim.u64(stat + 8));
    shim.call.fd_filestat_get(PREOPEN, stat);
    expect(entries[0]?.inode).toBe(shim.u64(stat + 8));
  });

  it('goes on at every cookie that it has given', () => {
    const shim = shimWith('a', 'b', 'c');
    const { entries } = read(shim, 0n);
    for (const [i, { next }] of entries.entries()) {
      expect(names(read(shim, next))).toEqual(entries.slice(i + 1).map(({ name }) => name));
    }
  });

  it('fills the buffer to the last byte, wherever that cuts an entry', () => {
    const shim = shimWith('name');
    const whole = read(shim, 0n).used;
    for (let size = 0; size <= whole; size++) expect(read(shim, 0n, size).used).toBe(size);
    expect(read(shim, 0n, whole + 1).used).toBe(whole);
  });

  it('misses nothing when a program deletes what it reads', () => {
    const all = Array.from({ length: 50 }, (_, i) => `file-${String(i).padStart(2, '0')}`);
    const shim = shimWith(...all);
    const seen: string[] = [];
    for (let cookie = 0n; ;) {
      const { entries, used } = read(shim, cookie, 128);
      for (const { name } of entries) {
        if (name.startsWith('.')) continue;
        unlink(shim, name);
        seen.push(name);
      }
      cookie = entries.at(-1)?.next ?? cookie;
      if (used < 128) break;
    }
    expect(seen.toSorted()).toEqual(all);
    expect(names(read(shim, 0n))).toEqual(['.', '..']);
  });

  it('sees new entries after a rewind, not in the middle', () => {
    const shim = shimWith('a', 'b');
    const first = read(shim, 0n, 60);
    shim.open('c');
    expect(names(read(shim, first.entries.at(-1)?.next ?? 0n))).not.toContain('c');
    expect(names(read(shim, 0n))).toContain('c');
  });

  it('is at its end for cookies that it never gave', () => {
    const shim = shimWith('a');
    for (const cookie of [4n, 2n ** 32n, 2n ** 63n - 1n, MAX_U64]) expect(read(shim, cookie).used).toBe(0);
  });

  it('reads many large directories at once', () => {
    const content = Object.fromEntries(Array.from({ length: 9000 }, (_, i) => [`d/${i}`, '']));
    const shim = new Shim({ mounts: [{ path: '/', content }] });
    const used = shim.room(4);
    const fds = Array.from({ length: 8 }, () => shim.open('d', { oflags: 2, rights: 0x4000n }));
    // Each of them begins to read; the later ones crowd out what was kept for the first.
    for (const fd of fds) expect(shim.call.fd_readdir(fd, 32_768, 100, 0n, used)).toBe(Errno.success);
    let count = 0;
    for (let cookie = 0n; ;) {
      expect(shim.call.fd_readdir(fds[0] ?? -1, 32_768, 32_768, cookie, used)).toBe(Errno.success);
      const end = 32_768 + shim.u32(used);
      for (
        let at = 32_768;
        at + 24 <= end && at + 24 + shim.u32(at + 16) <= end;
        at += 24 + shim.u32(at + 16)
      ) {
        cookie = shim.u64(at);
        count++;
      }
      if (end < 65_536) break;
    }
    expect(count).toBe(9002);
  });

  it('lists no file and no stream', () => {
    const shim = shimWith('a');
    const used = shim.room(4);
    expect(shim.call.fd_readdir(shim.open('a'), 32_768, 64, 0n, used)).toBe(Errno.notdir);
    expect(shim.call.fd_readdir(1, 32_768, 64, 0n, used)).toBe(Errno.notdir);
  });

  it('needs the right to list', () => {
    const shim = new Shim({ mounts: [{ path: '/', access: ['read'], content: { a: '' } }] });
    expect(shim.call.fd_readdir(PREOPEN, 32_768, 64, 0n, shim.room(4))).toBe(Errno.perm);
    expect(shim.test.records.filter(({ kind }) => kind === 'denied')).toHaveLength(1);
  });
});
