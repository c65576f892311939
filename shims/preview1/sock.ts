import type { TcpSocket } from '../../src/virtual/network/network.ts';
import { ALL_RI_FLAGS, ALL_SD_FLAGS, FdFlags, RiFlags, SdFlags } from './abi.ts';
import type { Context } from './context.ts';
import { Errno, errnoOfNetwork } from './errno.ts';
import { FdEntry } from './fd-table.ts';
import { PeekableInput } from './peekable-input.ts';
import { RecvCall } from './recv.ts';
import { OutputCall } from './stdio.ts';

/** `wasi_unstable` does not have it. */
export type SockAcceptFunctions = {
  /** `sock_accept(fd: fd, flags: fdflags) -> fd`; waits for a connection */
  sock_accept(fd: number, flags: number, accepted: number): Answer;
};

export type SockFunctions = {
  /** `sock_recv(fd: fd, ri_data: iovec_array, ri_flags: riflags) -> (size, roflags)`; waits for bytes */
  sock_recv(fd: number, iovs: number, iovsLen: number, flags: number, size: number, outFlags: number): Answer;
  /** `sock_send(fd: fd, si_data: ciovec_array, si_flags: siflags) -> size`; waits for the peer */
  sock_send(fd: number, iovs: number, iovsLen: number, flags: number, size: number): Answer;
  /** `sock_shutdown(fd: fd, how: sdflags)` */
  sock_shutdown(fd: number, how: number): number;
};

/** An errno, or a promise of one. */
type Answer = number | Promise<number>;

// 0.1 has no way to open a socket: the sockets of a guest are those that it was started with, which listen, and the
// connections that it accepts from them.

export function sockAccept(context: Context): SockAcceptFunctions {
  const { fds, memory } = context;

  function accept(fd: number, flags: number, accepted: number): Answer {
    const entry = fds.get(fd);
    if (entry === undefined) return Errno.badf;
    const listener = entry.socket;
    if (listener === undefined) return Errno.notsock;
    // Also for a connection: only what listens has something to accept.
    if ((flags & ~FdFlags.nonblock) !== 0 || !listener.isListening) return Errno.inval;
    const at = accepted >>> 0;
    if (!memory.holds(at, 4)) return Errno.fault;
    if (!takeHandle(context)) return Errno.mfile;
    const answer = acceptFrom(listener, flags);
    if (answer instanceof FdEntry) {
      memory.view.setUint32(at, fds.add(answer), true);
      return Errno.success;
    }
    context.host.meter.closeHandle();
    const wait = answer === Errno.again && !entry.nonblocking ? listener.wait() : undefined;
    if (wait === undefined) return answer;
    return context.suspend(wait, () => accept(fd, flags, accepted));
  }

  return { sock_accept: accept };
}

export function sock(context: Context): SockFunctions {
  const { fds } = context;
  return {
    sock_recv(fd, iovs, iovsLen, flags, size, outFlags) {
      const entry = fds.get(fd);
      const errno = connected(entry);
      if (entry === undefined || errno !== Errno.success) return errno;
      if (flags >>> 0 > ALL_RI_FLAGS) return Errno.inval;
      const options = {
        peek: (flags & RiFlags.recvPeek) !== 0,
        waitAll: (flags & RiFlags.recvWaitall) !== 0,
      };
      return new RecvCall(context, entry, { iovs, iovsLen, size, outFlags }, options).run();
    },

    sock_send(fd, iovs, iovsLen, flags, size) {
      const entry = fds.get(fd);
      const errno = connected(entry);
      if (entry?.output === undefined || errno !== Errno.success) return errno;
      // `siflags` has no flags.
      if (flags !== 0) return Errno.inval;
      return new OutputCall(context, entry, entry.output, iovs, iovsLen, size).run();
    },

    sock_shutdown(fd, how) {
      const entry = fds.get(fd);
      const errno = connected(entry);
      if (errno !== Errno.success) return errno;
      if (how === 0 || how >>> 0 > ALL_SD_FLAGS) return Errno.inval;
      const outcome = entry?.socket?.shutdown(how === ALL_SD_FLAGS ? 'both' : (DIRECTION[how] ?? 'both'));
      return outcome === undefined ? Errno.success : errnoOfNetwork(outcome);
    },
  };
}

const DIRECTION: Readonly<Record<number, 'receive' | 'send'>> = {
  [SdFlags.rd]: 'receive',
  [SdFlags.wr]: 'send',
};

function connected(entry: FdEntry | undefined): number {
  if (entry === undefined) return Errno.badf;
  if (entry.socket === undefined) return Errno.notsock;
  return entry.input === undefined ? Errno.notconn : Errno.success;
}

/** @returns the connection, or an errno */
function acceptFrom(listener: TcpSocket, flags: number): FdEntry | number {
  const accepted = listener.accept();
  if (typeof accepted === 'string') return errnoOfNetwork(accepted);
  const { socket, input, output } = accepted;
  const entry = new FdEntry({ socket, input: new PeekableInput(input), output });
  entry.flags = flags;
  // It was open: when its output is closed, that is a broken pipe.
  entry.written = true;
  return entry;
}

function takeHandle({ host: { meter, guard } }: Context): boolean {
  if (meter.openHandle()) return true;
  guard.limited('limits.handles', meter.limits.handles, 'tcp-accept', 'socket');
  return false;
}
