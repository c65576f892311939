import { describe, expect, it } from 'vitest';
import { Errno } from '../../../../shims/preview1/errno.ts';
import { MAX_TRANSFER } from '../../../../shims/preview1/iovec.ts';
import { preview1 } from '../../../../shims/preview1/index.ts';
import { testHost } from '../../../support/host.ts';
import { MAX_U32, OUTSIDE, PREOPEN, Shim } from './harness.ts';

const CONTENT = 'The quick brown fox';

function opened(): { shim: Shim; fd: number; size: number } {
  const shim = new Shim({ mounts: [{ path: '/', content: { file: CONTENT } }] });
  return { shim, fd: shim.open('file', { oflags: 0 }), size: shim.room(4) };
}

describe('vectors', () => {
  it('scatters and gathers, and skips empty vectors', () => {
    const { shim, fd, size } = opened();
    const a = shim.room(8);
    const b = shim.room(32);
    expect(shim.call.fd_pread(fd, shim.vectors([a, 3], [OUTSIDE, 0], [b, 32]), 3, 0n, size)).toBe(
      Errno.success,
    );
    expect(shim.u32(size)).toBe(CONTENT.length);
    expect([shim.text(a, 3), shim.text(b, 16)]).toEqual(['The', CONTENT.slice(3)]);
    const [x, y] = [shim.put('ab'), shim.put('cde')];
    expect(shim.call.fd_pwrite(fd, shim.vectors([x.at, 2], [0, 0], [y.at, 3]), 3, 1n, size)).toBe(
      Errno.success,
    );
    expect(shim.u32(size)).toBe(5);
    void shim.call.fd_pread(fd, shim.vectors([a, 8]), 1, 0n, size);
    expect(shim.text(a, 8)).toBe('Tabcdeic');
  });

  it.each([
    ['the array is outside', (): [number, number] => [OUTSIDE - 4, 1]],
    ['the array wraps', (): [number, number] => [-8, 2]],
    ['there are 2^32-1 vectors', (): [number, number] => [OUTSIDE - 8, MAX_U32]],
    [
      'the last buffer is outside',
      (shim: Shim): [number, number] => [shim.vectors([1024, 4], [OUTSIDE - 3, 4]), 2],
    ],
    [
      'a buffer wraps',
      (shim: Shim): [number, number] => [shim.vectors([1024, 4], [0xffff_ffff, 0xffff_ffff]), 2],
    ],
    ['a buffer is 2^32-1 long', (shim: Shim): [number, number] => [shim.vectors([0, 0xffff_ffff]), 1]],
  ] as const)('faults before it does anything when %s', async (_what, make) => {
    const { shim, fd, size } = opened();
    const [iovs, count] = make(shim);
    const before = shim.bytes.slice();
    const { call } = shim;
    expect(call.fd_pread(fd, iovs, count, 0n, size)).toBe(Errno.fault);
    expect(call.fd_pwrite(fd, iovs, count, 0n, size)).toBe(Errno.fault);
    expect(call.fd_read(fd, iovs, count, size)).toBe(Errno.fault);
    expect(call.fd_write(fd, iovs, count, size)).toBe(Errno.fault);
    expect(await call.fd_read(0, iovs, count, size)).toBe(Errno.fault);
    expect(await call.fd_write(1, iovs, count, size)).toBe(Errno.fault);
    expect(Buffer.compare(shim.bytes, before)).toBe(0);
    expect(shim.test.host.meter.fileBytesWritten).toBe(0);
    expect(shim.test.stdout()).toBe('');
  });

  it('faults for a result outside without having moved the offset', () => {
    const { shim, fd, size } = opened();
    const iovs = shim.vectors([shim.room(4), 4]);
    expect(shim.call.fd_read(fd, iovs, 1, OUTSIDE - 3)).toBe(Errno.fault);
    expect(shim.call.fd_tell(fd, size)).toBe(Errno.success);
    expect(shim.u32(size)).toBe(0);
  });

  it('takes 10 000 vectors as a short read and a short write', () => {
    const { shim, fd, size } = opened();
    const iovs = 16_384;
    for (let i = 0; i < 6000; i++) {
      shim.view.setUint32(iovs + i * 8, 8, true);
      shim.view.setUint32(iovs + i * 8 + 4, 1, true);
    }
    expect(shim.call.fd_write(fd, iovs, 6000, size)).toBe(Errno.success);
    expect(shim.u32(size)).toBe(1024);
    // The array itself reaches past the memory, but not the part that counts.
    expect(shim.call.fd_pread(fd, iovs, 10_000, 0n, size)).toBe(Errno.success);
    expect(shim.u32(size)).toBe(1024);
  });

  it('moves a bounded number of bytes however often the vectors name the same ones', () => {
    const { host } = testHost();
    const wasi = preview1(host);
    const memory = new WebAssembly.Memory({ initial: 256 });
    wasi.bindMemory(memory);
    const view = new DataView(memory.buffer);
    new Uint8Array(memory.buffer).set(new TextEncoder().encode('big'), 8);
    for (let i = 0; i < 1024; i++) view.setUint32(16_384 + i * 8 + 4, 16 * 1024 * 1024, true);
    expect(wasi.functions.path_open(PREOPEN, 0, 8, 3, 1, 0x42n, 0n, 0, 64)).toBe(Errno.success);
    expect(wasi.functions.fd_write(4, 16_384, 1024, 64)).toBe(Errno.success);
    const written = view.getUint32(64, true);
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThanOrEqual(MAX_TRANSFER);
    expect(host.meter.fileBytesWritten).toBe(written);
  });
});

describe('positions', () => {
  it('reads nothing far past the end, and refuses what is no position', () => {
    const { shim, fd, size } = opened();
    const iovs = shim.vectors([shim.room(4), 4]);
    for (const far of [2n ** 32n, 2n ** 53n, 2n ** 63n - 1n]) {
      shim.view.setUint32(size, 99, true);
      expect(shim.call.fd_pread(fd, iovs, 1, far, size)).toBe(Errno.success);
      expect(shim.u32(size)).toBe(0);
    }
    for (const bad of [-1n, -(2n ** 63n)]) {
      expect(shim.call.fd_pread(fd, iovs, 1, bad, size)).toBe(Errno.inval);
      expect(shim.call.fd_pwrite(fd, iovs, 1, bad, size)).toBe(Errno.inval);
    }
  });

  it('writes nothing where no file reaches', () => {
    const { shim, fd, size } = opened();
    const iovs = shim.vectors([shim.room(4), 4]);
    expect(shim.call.fd_pwrite(fd, iovs, 1, 2n ** 53n, size)).toBe(Errno.fbig);
    expect(shim.call.fd_filestat_set_size(fd, 2n ** 53n)).toBe(Errno.fbig);
    expect(shim.call.fd_filestat_set_size(fd, -1n)).toBe(Errno.inval);
    expect(shim.call.fd_pread(fd, iovs, 1, 16n, size)).toBe(Errno.success);
    expect(shim.u32(size)).toBe(3);
  });

  it('leaves the offset alone in pread and pwrite, and moves it in read and write', () => {
    const { shim, fd, size } = opened();
    const at = shim.room(8);
    const tell = (): number => (shim.call.fd_tell(fd, at), Number(shim.u64(at)));
    void shim.call.fd_pread(fd, shim.vectors([at, 4]), 1, 2n, size);
    void shim.call.fd_pwrite(fd, shim.vectors([at, 4]), 1, 2n, size);
    expect(tell()).toBe(0);
    void shim.call.fd_read(fd, shim.vectors([at, 4]), 1, size);
    expect(tell()).toBe(4);
    void shim.write(fd, 'xy');
    expect(tell()).toBe(6);
  });

  it('appends whatever the offset and the position say', () => {
    const { shim } = opened();
    const fd = shim.open('file', { fdflags: 1 });
    const at = shim.room(64);
    const size = shim.room(4);
    void shim.write(fd, '+a');
    shim.call.fd_tell(fd, at);
    expect(shim.u64(at)).toBe(BigInt(CONTENT.length + 2));
    const more = shim.put('+b');
    void shim.call.fd_pwrite(fd, shim.vectors([more.at, 2]), 1, 0n, size);
    void shim.call.fd_pread(fd, shim.vectors([at, 64]), 1, 0n, size);
    expect(shim.text(at, shim.u32(size))).toBe(`${CONTENT}+a+b`);
  });
});

describe('fd_seek', () => {
  it.each([
    ['set', 0, 5n, 5n],
    ['cur', 1, 5n, 7n],
    ['end', 2, -4n, BigInt(CONTENT.length - 4)],
    ['beyond the end', 0, 2n ** 40n, 2n ** 40n],
    ['the last exact position', 0, 2n ** 53n - 1n, 2n ** 53n - 1n],
  ])('%s', (_what, whence, offset, expected) => {
    const { shim, fd } = opened();
    const at = shim.room(8);
    shim.call.fd_seek(fd, 2n, 0, at);
    expect(shim.call.fd_seek(fd, offset, whence, at)).toBe(Errno.success);
    expect(shim.u64(at)).toBe(expected);
  });

  it.each([
    ['before the start', 0, -1n, Errno.inval],
    ['before the start from here', 1, -3n, Errno.inval],
    ['before the start from the end', 2, -20n, Errno.inval],
    ['the lowest offset', 1, -(2n ** 63n), Errno.inval],
    ['the highest offset', 1, 2n ** 63n - 1n, Errno.overflow],
    ['a whence that does not exist', 3, 0n, Errno.inval],
  ])('refuses %s and stays', (_what, whence, offset, errno) => {
    const { shim, fd } = opened();
    const at = shim.room(8);
    shim.call.fd_seek(fd, 2n, 0, at);
    expect(shim.call.fd_seek(fd, offset, whence, at)).toBe(errno);
    shim.call.fd_tell(fd, at);
    expect(shim.u64(at)).toBe(2n);
  });
});

describe('descriptors of another kind', () => {
  it('reads and writes no directory', () => {
    const { shim, size } = opened();
    const iovs = shim.vectors([1024, 4]);
    const { call } = shim;
    expect(call.fd_read(PREOPEN, iovs, 1, size)).toBe(Errno.isdir);
    expect(call.fd_pread(PREOPEN, iovs, 1, 0n, size)).toBe(Errno.isdir);
    expect(call.fd_write(PREOPEN, iovs, 1, size)).toBe(Errno.badf);
    expect(call.fd_pwrite(PREOPEN, iovs, 1, 0n, size)).toBe(Errno.badf);
    expect(call.fd_seek(PREOPEN, 0n, 0, size)).toBe(Errno.badf);
    expect(call.fd_filestat_set_size(PREOPEN, 0n)).toBe(Errno.isdir);
    expect(call.fd_allocate(PREOPEN, 0n, 1n)).toBe(Errno.badf);
  });

  it('seeks and positions no stream', () => {
    const { shim, size } = opened();
    const iovs = shim.vectors([1024, 4]);
    const { call } = shim;
    for (const fd of [0, 1, 2]) {
      expect(call.fd_pread(fd, iovs, 1, 0n, size)).toBe(Errno.spipe);
      expect(call.fd_pwrite(fd, iovs, 1, 0n, size)).toBe(Errno.spipe);
      expect(call.fd_seek(fd, 0n, 0, size)).toBe(Errno.spipe);
      expect(call.fd_tell(fd, size)).toBe(Errno.spipe);
      expect(call.fd_sync(fd)).toBe(Errno.inval);
    }
  });

  it('writes no file that was opened for reading, and reads none that was opened for writing', () => {
    const { shim, size } = opened();
    const iovs = shim.vectors([1024, 4]);
    expect(shim.call.fd_write(shim.open('file', { oflags: 0, rights: 0x2n }), iovs, 1, size)).toBe(
      Errno.badf,
    );
    expect(shim.call.fd_read(shim.open('file', { oflags: 0, rights: 0x40n }), iovs, 1, size)).toBe(
      Errno.badf,
    );
  });
});
