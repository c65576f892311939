import { describe, expect, it } from 'vitest';
import { Errno } from '../../../../shims/preview1/errno.ts';
import { MAX_U32, PREOPEN, Shim } from './harness.ts';

const filetype = (shim: Shim, fd: number): number | undefined => {
  const at = shim.room(24);
  return shim.call.fd_fdstat_get(fd, at) === 0 ? shim.bytes[at] : undefined;
};
const CHARACTER_DEVICE = 2;
const DIRECTORY = 3;
const REGULAR_FILE = 4;

describe('numbers', () => {
  it('puts the standard streams at 0 to 2, granted or not, and preopens from 3 on in the order of the policy', () => {
    const shim = new Shim({ stdin: false, stdout: false, mounts: [{ path: '/b' }, { path: '/a' }] });
    const at = shim.room(8);
    expect([0, 1, 2].map((fd) => filetype(shim, fd))).toEqual([
      CHARACTER_DEVICE,
      CHARACTER_DEVICE,
      CHARACTER_DEVICE,
    ]);
    for (const [fd, name] of [
      [3, '/b'],
      [4, '/a'],
    ] as const) {
      expect(shim.call.fd_prestat_get(fd, at)).toBe(Errno.success);
      expect([shim.u32(at), shim.u32(at + 4)]).toEqual([0, 2]);
      expect(shim.call.fd_prestat_dir_name(fd, at, 2)).toBe(Errno.success);
      expect(shim.text(at, 2)).toBe(name);
    }
    expect(shim.call.fd_prestat_get(5, at)).toBe(Errno.badf);
  });

  it('gives out the lowest free number', () => {
    const shim = new Shim();
    expect([shim.open('a'), shim.open('b'), shim.open('c')]).toEqual([4, 5, 6]);
    shim.call.fd_close(5);
    shim.call.fd_close(1);
    expect([shim.open('d'), shim.open('e'), shim.open('f')]).toEqual([1, 5, 7]);
  });

  it('writes no more of a preopen name than fits', () => {
    const shim = new Shim({ mounts: [{ path: '/data' }] });
    const at = shim.room(8);
    expect(shim.call.fd_prestat_dir_name(PREOPEN, at, 4)).toBe(Errno.nametoolong);
    expect(shim.u32(at)).toBe(0);
    expect(shim.call.fd_prestat_dir_name(PREOPEN, at, 8)).toBe(Errno.success);
    expect(shim.text(at, 8)).toBe('/data\0\0\0');
  });
});

describe('closing', () => {
  it('closes once', () => {
    const shim = new Shim();
    const fd = shim.open('a');
    expect(shim.call.fd_close(fd)).toBe(Errno.success);
    expect(shim.call.fd_close(fd)).toBe(Errno.badf);
  });

  it('gives the handle back', () => {
    const shim = new Shim({ limits: { handles: 2 } });
    shim.open('a');
    shim.open('b');
    expect(() => shim.open('c')).toThrow(`errno ${Errno.mfile}`);
    expect(shim.test.host.meter.handles).toBe(2);
    shim.call.fd_close(4);
    expect(shim.open('c')).toBe(4);
  });

  it('takes back no handle for a preopen, which took none', () => {
    const shim = new Shim();
    expect(shim.call.fd_close(PREOPEN)).toBe(Errno.success);
    expect(shim.test.host.meter.handles).toBe(0);
    expect(shim.call.fd_close(PREOPEN)).toBe(Errno.badf);
  });
});

describe('fd_renumber', () => {
  it('replaces what was open there and closes it', () => {
    const shim = new Shim();
    const from = shim.open('from');
    const to = shim.open('to');
    void shim.write(from, 'abc');
    expect(shim.call.fd_renumber(from, to)).toBe(Errno.success);
    expect(shim.test.host.meter.handles).toBe(1);
    expect(filetype(shim, from)).toBeUndefined();
    const at = shim.room(8);
    expect(shim.call.fd_tell(to, at)).toBe(Errno.success);
    expect(shim.u64(at)).toBe(3n);
    expect(shim.open('next')).toBe(from);
  });

  it('leaves a descriptor that replaces itself as it is', () => {
    const shim = new Shim();
    const fd = shim.open('a');
    expect(shim.call.fd_renumber(fd, fd)).toBe(Errno.success);
    expect(filetype(shim, fd)).toBe(REGULAR_FILE);
    expect(shim.test.host.meter.handles).toBe(1);
  });

  it.each([5, 1000, 0x7fff_ffff, MAX_U32])(
    'refuses %i, which is not open, at either end and opens nothing',
    (closed) => {
      const shim = new Shim();
      const fd = shim.open('a');
      expect(shim.call.fd_renumber(fd, closed)).toBe(Errno.badf);
      expect(shim.call.fd_renumber(closed, fd)).toBe(Errno.badf);
      expect(shim.call.fd_renumber(closed, closed)).toBe(Errno.badf);
      expect(filetype(shim, fd)).toBe(REGULAR_FILE);
      expect(filetype(shim, closed)).toBeUndefined();
      expect(shim.open('b')).toBe(5);
    },
  );

  it('moves a file over a preopen: what is there then is a file and no way into the directory', () => {
    const shim = new Shim();
    const fd = shim.open('a');
    expect(shim.call.fd_renumber(fd, PREOPEN)).toBe(Errno.success);
    expect(filetype(shim, PREOPEN)).toBe(REGULAR_FILE);
    const at = shim.room(8);
    expect(shim.call.fd_prestat_get(PREOPEN, at)).toBe(Errno.badf);
    expect(() => shim.open('b')).toThrow(`errno ${Errno.notdir}`);
  });

  it('moves a preopen away: it is the same directory under another number', () => {
    const shim = new Shim();
    const fd = shim.open('a');
    expect(shim.call.fd_renumber(PREOPEN, fd)).toBe(Errno.success);
    expect(filetype(shim, PREOPEN)).toBeUndefined();
    expect(filetype(shim, fd)).toBe(DIRECTORY);
    expect(shim.open('b', { at: fd })).toBe(PREOPEN);
  });

  it('moves standard streams', async () => {
    const shim = new Shim();
    expect(shim.call.fd_renumber(2, 1)).toBe(Errno.success);
    expect(await shim.write(1, 'to standard error')).toBe(Errno.success);
    expect([shim.test.stdout(), shim.test.stderr()]).toEqual(['', 'to standard error']);
    expect(await shim.write(2, 'x')).toBe(Errno.badf);
  });
});

describe('fd_fdstat', () => {
  it('reports what a file was opened for', () => {
    const shim = new Shim();
    const at = shim.room(24);
    for (const [rights, read, write] of [
      [0x2n, true, false],
      [0x40n, false, true],
      [0x42n, true, true],
    ] as const) {
      // Opened again: what creates a file may write it, whatever it asks for.
      shim.call.fd_close(shim.open('a'));
      const fd = shim.open('a', { rights, oflags: 0 });
      expect(shim.call.fd_fdstat_get(fd, at)).toBe(Errno.success);
      expect([(shim.u64(at + 8) & 0x2n) !== 0n, (shim.u64(at + 8) & 0x40n) !== 0n]).toEqual([read, write]);
    }
  });

  it('writes all 24 bytes', () => {
    const shim = new Shim();
    const at = shim.room(32);
    shim.bytes.fill(0xee, at, at + 32);
    shim.call.fd_fdstat_get(PREOPEN, at);
    expect(Array.from(shim.bytes.subarray(at, at + 8))).toEqual([DIRECTORY, 0, 0, 0, 0, 0, 0, 0]);
    expect(shim.u64(at + 8)).toBeLessThan(1n << 30n);
    expect(shim.u64(at + 16)).toBeLessThan(1n << 30n);
    expect(shim.bytes[at + 24]).toBe(0xee);
  });

  it('says of standard streams that they are no terminals', () => {
    const shim = new Shim();
    const at = shim.room(24);
    for (const fd of [0, 1, 2]) {
      shim.call.fd_fdstat_get(fd, at);
      // wasi-libc's isatty: a character device without the rights to seek and tell.
      expect(shim.bytes[at]).toBe(CHARACTER_DEVICE);
      expect(shim.u64(at + 8) & 0x24n).toBe(0x24n);
    }
  });

  it('changes append and nonblock, not how a file is synchronised, and no flag that does not exist', () => {
    const shim = new Shim();
    const at = shim.room(24);
    const fd = shim.open('a', { fdflags: 16 });
    expect(shim.call.fd_fdstat_set_flags(fd, 16 | 1 | 4)).toBe(Errno.success);
    shim.call.fd_fdstat_get(fd, at);
    expect(shim.view.getUint16(at + 2, true)).toBe(21);
    expect(shim.call.fd_fdstat_set_flags(fd, 0)).toBe(Errno.inval);
    expect(shim.call.fd_fdstat_set_flags(fd, 32 | 16)).toBe(Errno.inval);
    expect(shim.call.fd_fdstat_set_flags(fd, MAX_U32)).toBe(Errno.inval);
  });

  it('does not take rights away', () => {
    const shim = new Shim();
    expect(shim.call.fd_fdstat_set_rights(shim.open('a'), 0n, 0n)).toBe(Errno.notsup);
  });
});
