import type { Context } from './context.ts';
import { Errno } from './errno.ts';

/** `wasi_unstable` does not have it. */
export type SockAcceptFunctions = {
  /** `sock_accept(fd: fd, flags: fdflags) -> fd` */
  sock_accept(fd: number, flags: number, accepted: number): number;
};

export type SockFunctions = {
  /** `sock_recv(fd: fd, ri_data: iovec_array, ri_flags: riflags) -> (size, roflags)` */
  sock_recv(fd: number, iovs: number, iovsLen: number, flags: number, size: number, outFlags: number): number;
  /** `sock_send(fd: fd, si_data: ciovec_array, si_flags: siflags) -> size` */
  sock_send(fd: number, iovs: number, iovsLen: number, flags: number, size: number): number;
  /** `sock_shutdown(fd: fd, how: sdflags)` */
  sock_shutdown(fd: number, how: number): number;
};

export function sockAccept(context: Context): SockAcceptFunctions {
  return { sock_accept: (fd) => refuse(context, fd) };
}

export function sock(context: Context): SockFunctions {
  return {
    sock_recv: (fd) => refuse(context, fd),
    sock_send: (fd) => refuse(context, fd),
    sock_shutdown: (fd) => refuse(context, fd),
  };
}

/** 0.1 has no way to open a socket, and no socket is ever preopened here: nothing that is open is one. */
function refuse({ fds }: Context, fd: number): number {
  return fds.get(fd) === undefined ? Errno.badf : Errno.notsock;
}
