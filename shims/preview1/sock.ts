import type { Context } from './context.ts';
import { Errno } from './errno.ts';

export type SockFunctions = {
  /** `sock_accept(fd: fd, flags: fdflags) -> fd` */
  sock_accept(fd: number, flags: number, accepted: number): number;
  /** `sock_recv(fd: fd, ri_data: iovec_array, ri_flags: riflags) -> (size, roflags)` */
  sock_recv(fd: number, iovs: number, iovsLen: number, flags: number, size: number, outFlags: number): number;
  /** `sock_send(fd: fd, si_data: ciovec_array, si_flags: siflags) -> size` */
  sock_send(fd: number, iovs: number, iovsLen: number, flags: number, size: number): number;
  /** `sock_shutdown(fd: fd, how: sdflags)` */
  sock_shutdown(fd: number, how: number): number;
};

/** 0.1 has no way to open a socket, and no socket is ever preopened here: nothing that is open is one. */
export function sock({ fds }: Context): SockFunctions {
  const refuse = (fd: number): number => (fds.get(fd) === undefined ? Errno.badf : Errno.notsock);
  return {
    sock_accept: (fd) => refuse(fd),
    sock_recv: (fd) => refuse(fd),
    sock_send: (fd) => refuse(fd),
    sock_shutdown: (fd) => refuse(fd),
  };
}
