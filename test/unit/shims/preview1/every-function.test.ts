import { describe, expect, it } from 'vitest';
import { testHost } from '../../../support/host.ts';
import { Errno } from '../../../../shims/preview1/errno.ts';
import { maySuspend } from '../../../../shims/preview1/index.ts';
import { ExitSignal } from '../../../../src/virtual/host.ts';
import { MAX_U32, MAX_U64, OUTSIDE, PREOPEN, Shim } from './harness.ts';

/** wasi_snapshot_preview1.witx: the parameters of each function after lowering. `l` is i64, `p` an i32 pointer. */
const SIGNATURES: Readonly<Record<string, string>> = {
  args_get: 'pp',
  args_sizes_get: 'pp',
  environ_get: 'pp',
  environ_sizes_get: 'pp',
  clock_res_get: 'ip',
  clock_time_get: 'ilp',
  fd_advise: 'flli',
  fd_allocate: 'fll',
  fd_close: 'f',
  fd_datasync: 'f',
  fd_fdstat_get: 'fp',
  fd_fdstat_set_flags: 'fi',
  fd_fdstat_set_rights: 'fll',
  fd_filestat_get: 'fp',
  fd_filestat_set_size: 'fl',
  fd_filestat_set_times: 'flli',
  fd_pread: 'fpilp',
  fd_prestat_get: 'fp',
  fd_prestat_dir_name: 'fpi',
  fd_pwrite: 'fpilp',
  fd_read: 'fpip',
  fd_readdir: 'fpilp',
  fd_renumber: 'ff',
  fd_seek: 'flip',
  fd_sync: 'f',
  fd_tell: 'fp',
  fd_write: 'fpip',
  path_create_directory: 'fpi',
  path_filestat_get: 'fipip',
  path_filestat_set_times: 'fipilli',
  path_link: 'fipifpi',
  path_open: 'fipiillip',
  path_readlink: 'fpipip',
  path_remove_directory: 'fpi',
  path_rename: 'fpifpi',
  path_symlink: 'pifpi',
  path_unlink_file: 'fpi',
  poll_oneoff: 'ppip',
  proc_exit: 'i',
  proc_raise: 'i',
  random_get: 'pi',
  sched_yield: '',
  sock_accept: 'fip',
  sock_recv: 'fpiipp',
  sock_send: 'fpiip',
  sock_shutdown: 'fi',
};

const NAMES = Object.keys(SIGNATURES);

/** @returns what the call answered; proc_exit throws, as it should */
async function call(
  shim: Shim,
  name: string,
  values: { i: number; l: bigint; p: number; f: number },
): Promise<unknown> {
  const fn = shim.call[name] as (...args: unknown[]) => unknown;
  const args = Array.from(SIGNATURES[name] ?? '', (type) => values[type as keyof typeof values]);
  try {
    return await fn(...args);
  } catch (error) {
    if (error instanceof ExitSignal) return error;
    throw error;
  }
}

it('has the functions of the specification, and no other', () => {
  expect(Object.keys(new Shim().call).toSorted()).toEqual(NAMES.toSorted());
});

it('names functions that may suspend only among those that exist', () => {
  expect([...maySuspend(testHost().host)].filter((name) => !NAMES.includes(name))).toEqual([]);
});

describe('arguments that no program means', () => {
  /** Answers of 0.1 are u16 errnos; whatever comes in, the host neither throws nor answers anything else. */
  const isAnswer = (answer: unknown): boolean =>
    answer instanceof ExitSignal || (typeof answer === 'number' && answer >= 0 && answer <= Errno.notcapable);

  describe.each([0, 1, PREOPEN, 4, 5, 99, MAX_U32])('file descriptor %i', (f) => {
    const values = [
      { i: 0, l: 0n, p: 0 },
      { i: 1, l: 1n, p: OUTSIDE - 1 },
      { i: MAX_U32, l: MAX_U64, p: OUTSIDE },
      { i: MAX_U32, l: -(2n ** 63n), p: MAX_U32 },
      { i: 0x7fff_ffff, l: 2n ** 63n - 1n, p: 1024 },
      { i: -0x8000_0000, l: 2n ** 53n, p: -0x8000_0000 },
    ];
    it.each(NAMES)('%s', async (name) => {
      for (const value of values) {
        const shim = new Shim();
        shim.open('file');
        expect(isAnswer(await call(shim, name, { ...value, f }))).toBe(true);
      }
    });
  });
});

describe('pointers outside of the memory', () => {
  it.each(NAMES.filter((name) => SIGNATURES[name]?.includes('p') && !name.startsWith('sock_')))(
    '%s',
    async (name) => {
      const shim = new Shim({ args: ['program'], env: [['A', '1']] });
      shim.open('file');
      // What has no directory or file here answers for that before it looks at pointers; no answer is a success.
      for (const f of [0, PREOPEN, 4]) {
        const answer = await call(shim, name, { i: 1, l: 0n, p: OUTSIDE, f });
        expect(answer).not.toBe(Errno.success);
      }
    },
  );
});

describe('file descriptors that are not open', () => {
  it.each(NAMES.filter((name) => SIGNATURES[name]?.includes('f')))('%s', async (name) => {
    const shim = new Shim();
    for (const f of [4, 1000, 0x7fff_ffff, MAX_U32]) {
      expect(await call(shim, name, { i: 0, l: 0n, p: 1024, f })).toBe(Errno.badf);
    }
  });
});

describe('after the end', () => {
  const isOver = (answer: unknown): boolean => answer === Errno.badf || answer instanceof ExitSignal;

  it.each(NAMES.filter((name) => !['sched_yield', 'proc_raise', 'proc_exit'].includes(name)))(
    '%s does nothing',
    async (name) => {
      const shim = new Shim({ args: ['program'] });
      const file = shim.open('file');
      expect(() => shim.call.proc_exit(3)).toThrow(ExitSignal);
      const before = shim.bytes.slice();
      expect(isOver(await call(shim, name, { i: 1, l: 0n, p: 1024, f: file }))).toBe(true);
      expect(Buffer.compare(shim.bytes, before)).toBe(0);
      expect(shim.test.stdout()).toBe('');
    },
  );

  it('keeps the first exit code', () => {
    const shim = new Shim();
    const codeOf = (run: () => unknown): unknown => {
      try {
        return run();
      } catch (error) {
        return error instanceof ExitSignal ? error.exitCode : error;
      }
    };
    expect(codeOf(() => shim.call.proc_exit(7))).toBe(7);
    expect(codeOf(() => shim.call.random_get(8, 8))).toBe(7);
  });
});

it('passes exit codes as u32', () => {
  const shim = new Shim();
  expect(() => shim.call.proc_exit(MAX_U32)).toThrow(expect.objectContaining({ exitCode: 0xffff_ffff }));
});

it('has no signals', () => {
  const shim = new Shim();
  expect(shim.call.proc_raise(6)).toBe(Errno.notsup);
  expect(shim.call.proc_raise(31)).toBe(Errno.inval);
});

it('has no sockets', () => {
  const { call: functions } = new Shim();
  expect(functions.sock_shutdown(1, 1)).toBe(Errno.notsock);
  expect(functions.sock_accept(PREOPEN, 0, 1024)).toBe(Errno.notsock);
  expect(functions.sock_recv(9, 1024, 1, 0, 1024, 1028)).toBe(Errno.badf);
  expect(functions.sock_send(0, 1024, 1, 0, 1024)).toBe(Errno.notsock);
});

describe('fd_advise and fd_allocate', () => {
  it('take every advice for a file, and change nothing', () => {
    const shim = new Shim();
    const fd = shim.open('file');
    for (const advice of [0, 1, 2, 3, 4, 5])
      expect(shim.call.fd_advise(fd, MAX_U64, MAX_U64, advice)).toBe(Errno.success);
    for (const none of [6, MAX_U32]) expect(shim.call.fd_advise(fd, 0n, 0n, none)).toBe(Errno.inval);
    expect(shim.call.fd_advise(PREOPEN, 0n, 0n, 0)).toBe(Errno.badf);
    expect(shim.call.fd_advise(1, 0n, 0n, 0)).toBe(Errno.spipe);
  });

  it('promise no space: the size of the file stays', () => {
    const shim = new Shim();
    const fd = shim.open('file');
    const at = shim.room(64);
    expect(shim.call.fd_allocate(fd, 0n, 100n)).toBe(Errno.notsup);
    expect(shim.call.fd_allocate(1, 0n, 100n)).toBe(Errno.badf);
    shim.call.fd_filestat_get(fd, at);
    expect(shim.u64(at + 32)).toBe(0n);
  });
});

it('syncs files and directories, and no stream', () => {
  const shim = new Shim();
  const fd = shim.open('file');
  for (const name of ['fd_sync', 'fd_datasync'] as const) {
    expect([fd, PREOPEN, 1, 9].map((each) => shim.call[name](each))).toEqual([
      Errno.success,
      Errno.success,
      Errno.inval,
      Errno.badf,
    ]);
  }
});

it('gives wasi_unstable the same functions but sock_accept', () => {
  const unstable = new Shim().wasi.unstable();
  expect(Object.keys(unstable).toSorted()).toEqual(NAMES.filter((name) => name !== 'sock_accept').toSorted());
});
