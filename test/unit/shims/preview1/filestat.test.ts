import { describe, expect, it } from 'vitest';
import { Errno } from '../../../../shims/preview1/errno.ts';
import { GuestMemory } from '../../../../shims/guest-memory.ts';
import { putFilestat } from '../../../../shims/preview1/filestat.ts';
import { SNAPSHOT_0, SNAPSHOT_1 } from '../../../../shims/preview1/snapshot.ts';
import { emptyStat, FileType } from '../../../../src/virtual/filesystem/volume.ts';
import { MAX_U32, MAX_U64, OUTSIDE, PREOPEN, Shim } from './harness.ts';

describe('layout', () => {
  const stat = {
    ...emptyStat(),
    type: FileType.regularFile,
    inode: 0x1122_3344_5566_7788n,
    linkCount: 3,
    size: 2 ** 53 - 1,
    accessed: 1n,
    modified: 2n ** 64n - 1n,
    changed: 3n,
  };

  function dirty(): { memory: WebAssembly.Memory; guest: GuestMemory } {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const guest = new GuestMemory();
    guest.bind(memory);
    new Uint8Array(memory.buffer).fill(0xee);
    return { memory, guest };
  }

  it('is that of filestat, padding included', () => {
    const { memory, guest } = dirty();
    expect(putFilestat(guest, 8, SNAPSHOT_1.filestat, stat)).toBe(Errno.success);
    const view = new DataView(memory.buffer);
    const words = [8, 16, 24, 32, 40, 48, 56, 64].map((at) => view.getBigUint64(at, true));
    expect(words).toEqual([1n, 0x1122_3344_5566_7788n, 4n, 3n, 2n ** 53n - 1n, 1n, 2n ** 64n - 1n, 3n]);
    expect(view.getUint8(72)).toBe(0xee);
    expect(view.getUint8(7)).toBe(0xee);
  });

  it('is that of wasi_unstable, whose link count is a u32', () => {
    const { memory, guest } = dirty();
    expect(putFilestat(guest, 8, SNAPSHOT_0.filestat, stat)).toBe(Errno.success);
    const view = new DataView(memory.buffer);
    expect([24, 28].map((at) => view.getUint32(at, true))).toEqual([4, 3]);
    const words = [8, 16, 32, 40, 48, 56].map((at) => view.getBigUint64(at, true));
    expect(words).toEqual([1n, 0x1122_3344_5566_7788n, 2n ** 53n - 1n, 1n, 2n ** 64n - 1n, 3n]);
    expect(view.getUint8(64)).toBe(0xee);
    expect(view.getUint8(7)).toBe(0xee);
  });
});

describe('extreme times', () => {
  const times = (shim: Shim, fd: number): bigint[] => {
    const at = shim.room(64);
    expect(shim.call.fd_filestat_get(fd, at)).toBe(Errno.success);
    return [shim.u64(at + 40), shim.u64(at + 48)];
  };

  it.each([
    [0n, 0n],
    [1n, 2n ** 63n - 1n],
    [2n ** 63n, 2n ** 64n - 1n],
  ])('sets and shows %i and %i', (accessed, modified) => {
    const shim = new Shim();
    const fd = shim.open('a');
    const [atim, mtim] = [BigInt.asIntN(64, accessed), BigInt.asIntN(64, modified)];
    expect(shim.call.fd_filestat_set_times(fd, atim, mtim, 1 | 4)).toBe(Errno.success);
    expect(times(shim, fd)).toEqual([accessed, modified]);
  });

  it.each([
    ['before 1970', -1n, 0n],
    ['at the lowest i64', -(2n ** 63n), 0n],
    ['after the last u64', 2n ** 64n, 2n ** 64n - 1n],
  ])('shows a time %s at the bound', (_what, inVolume, shown) => {
    const shim = new Shim();
    const fd = shim.open('a');
    const preopen = shim.test.host.filesystem.preopens[0]?.descriptor;
    if (preopen === undefined) throw new Error('no preopen');
    expect(shim.test.host.filesystem.setTimesAt(preopen, true, 'a', inVolume, inVolume)).toBe(0);
    expect(times(shim, fd)).toEqual([shown, shown]);
  });
});

describe('setting times', () => {
  it('takes "now" from the clock of the instance, and leaves what is not named', () => {
    const now = 1_700_000_000_000_000_000n;
    const shim = new Shim({ clocks: 'fixed', at: now });
    const fd = shim.open('a');
    const at = shim.room(64);
    shim.call.fd_filestat_set_times(fd, 7n, 8n, 1 | 4);
    expect(shim.call.fd_filestat_set_times(fd, MAX_U64, MAX_U64, 8)).toBe(Errno.success);
    shim.call.fd_filestat_get(fd, at);
    expect([shim.u64(at + 40), shim.u64(at + 48)]).toEqual([7n, now]);
    expect(shim.call.fd_filestat_set_times(fd, MAX_U64, MAX_U64, 0)).toBe(Errno.success);
    shim.call.fd_filestat_get(fd, at);
    expect([shim.u64(at + 40), shim.u64(at + 48)]).toEqual([7n, now]);
  });

  it.each([1 | 2, 4 | 8, 16, MAX_U32])('refuses the flags %i', (flags) => {
    const shim = new Shim();
    const { at, length } = shim.put('a');
    const fd = shim.open('a');
    expect(shim.call.fd_filestat_set_times(fd, 0n, 0n, flags)).toBe(Errno.inval);
    expect(shim.call.path_filestat_set_times(PREOPEN, 0, at, length, 0n, 0n, flags)).toBe(Errno.inval);
  });

  it('needs the right', () => {
    const shim = new Shim({ mounts: [{ path: '/', access: ['read', 'write'], content: { a: '' } }] });
    const fd = shim.open('a', { oflags: 0 });
    expect(shim.call.fd_filestat_set_times(fd, 0n, 0n, 5)).toBe(Errno.perm);
  });
});

describe('fd_filestat_get', () => {
  it('shows character devices without anything of the host for standard streams', () => {
    const shim = new Shim();
    const at = shim.room(64);
    for (const fd of [0, 1, 2]) {
      shim.bytes.fill(0xee, at, at + 64);
      expect(shim.call.fd_filestat_get(fd, at)).toBe(Errno.success);
      expect(Array.from(shim.bytes.subarray(at, at + 64))).toEqual([
        ...Array(16).fill(0),
        2,
        ...Array(47).fill(0),
      ]);
    }
  });

  it('faults for a result outside of the memory', () => {
    const shim = new Shim();
    expect(shim.call.fd_filestat_get(PREOPEN, OUTSIDE - 63)).toBe(Errno.fault);
    const { at, length } = shim.put('.');
    expect(shim.call.path_filestat_get(PREOPEN, 0, at, length, OUTSIDE - 63)).toBe(Errno.fault);
  });
});
