import type { HostFunction } from '../../src/virtual/executor.ts';
import { type Host, INSTANCE_ENDED } from '../../src/virtual/host.ts';
import { type ArgsFunctions, args } from './args.ts';
import { type ClockFunctions, clock } from './clock.ts';
import { Context } from './context.ts';
import { type FdFunctions, fd } from './fd.ts';
import { type FdIoFunctions, fdIo } from './fd-io.ts';
import { type FilestatFunctions, filestat } from './filestat.ts';
import { type PathFunctions, path } from './path.ts';
import { type PollFunctions, poll } from './poll.ts';
import { type ProcFunctions, proc } from './proc.ts';
import { type RandomFunctions, random } from './random.ts';
import { type ReaddirFunctions, readdir } from './readdir.ts';
import { type SeekFunctions, seek } from './seek.ts';
import { type Snapshot, SNAPSHOT_0, SNAPSHOT_1 } from './snapshot.ts';
import { type SockAcceptFunctions, type SockFunctions, sock, sockAccept } from './sock.ts';

/** The functions of the module `wasi_snapshot_preview1`, by name. */
export type Preview1Functions = ArgsFunctions &
  ClockFunctions &
  FdFunctions &
  FdIoFunctions &
  FilestatFunctions &
  PathFunctions &
  PollFunctions &
  ProcFunctions &
  RandomFunctions &
  ReaddirFunctions &
  SeekFunctions &
  SockFunctions &
  SockAcceptFunctions;

/** The functions of the module `wasi_unstable`, by name: they have the same types. */
export type UnstableFunctions = Omit<Preview1Functions, keyof SockAcceptFunctions>;

/** WASI 0.1 for one instance. */
export interface Preview1Imports {
  /** Those that {@link maySuspend} names answer an errno or a promise of one; all others an errno. */
  readonly functions: Preview1Functions & Readonly<Record<string, HostFunction>>;
  /** Makes the functions of `wasi_unstable` over the same memory and the same file descriptors. */
  unstable(): UnstableFunctions & Readonly<Record<string, HostFunction>>;
  /** Called with the guest's memory before any of its code runs. */
  bindMemory(memory: WebAssembly.Memory): void;
  /**
   * Makes every later call fail: those that touch memory throw `reason`, the others answer `badf`. `proc_exit` calls it;
   * so may whoever stops the guest for another reason, because a guest can catch what is thrown through its frames.
   */
  end(reason: unknown): void;
  /** The instance has ended. Open descriptors are the file system's to close. */
  dispose(): void;
}

/** Functions that can only wait for something. */
const ALWAYS: ReadonlySet<string> = new Set<keyof Preview1Functions>([
  'fd_read',
  'fd_write',
  'poll_oneoff',
  'sock_accept',
  'sock_recv',
  'sock_send',
]);

/** With those that wait for files whose transfers may leave the thread. */
const WITH_FILES: ReadonlySet<string> = new Set<string>([...ALWAYS, 'fd_pread', 'fd_pwrite']);

/**
 * @returns the functions of an instance that may answer a promise, and must be wrapped in `WebAssembly.Suspending`. That
 *   costs 0.1 us a call, so only those that need it
 */
export function maySuspend(host: Host): ReadonlySet<string> {
  return host.filesystem.offThread ? WITH_FILES : ALWAYS;
}

export function preview1(host: Host): Preview1Imports {
  const context = new Context(host);
  const end = (reason: unknown): void => {
    context.memory.end(reason);
    context.fds.clear();
  };
  const shared = {
    ...args(context),
    ...clock(context),
    ...fd(context),
    ...fdIo(context),
    ...proc(context, end),
    ...random(context),
    ...readdir(context),
    ...sock(context),
  };
  return {
    functions: { ...shared, ...ofSnapshot(context, SNAPSHOT_1), ...sockAccept(context) },
    unstable: () => ({ ...shared, ...ofSnapshot(context, SNAPSHOT_0) }),
    bindMemory: (memory) => context.memory.bind(memory),
    end,
    dispose: () => end(INSTANCE_ENDED),
  };
}

/** The functions that the snapshots have in different forms, and their neighbours. */
function ofSnapshot(
  context: Context,
  snapshot: Snapshot,
): FilestatFunctions & PathFunctions & PollFunctions & SeekFunctions {
  return {
    ...filestat(context, snapshot),
    ...path(context, snapshot),
    ...poll(context, snapshot),
    ...seek(context, snapshot),
  };
}
