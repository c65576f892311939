import { closeSync, constants } from 'node:fs';

/** Linux's own constant, the same on every architecture that Node.js runs on; node:fs does not name it. */
const O_PATH = 0o10000000;

/** Opens a directory for nothing but being a place (no right to read it is needed). For paths that may be followed. */
export const REOPEN_FLAGS: number = O_PATH | constants.O_DIRECTORY;

/** The same for a name in a directory: a symlink is not followed. */
export const DIRECTORY_FLAGS: number = REOPEN_FLAGS | constants.O_NOFOLLOW;

/**
 * Opens a file without following it, without waiting for a writer should it be a FIFO, and without taking a terminal.
 * libuv adds O_CLOEXEC.
 */
export const FILE_FLAGS: number = constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * @returns a path to exactly what `fd` has open. The kernel resolves it by the descriptor, not by name, so it stays
 *   right when the file is renamed or replaced. A closed handle has descriptor -1, whose path never exists.
 */
export function pathOf(fd: number): string {
  return `/proc/self/fd/${fd}`;
}

/** Closes a descriptor. What a network file system has to say of it at this point helps no guest. */
export function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // Linux has released the descriptor whatever the error.
  }
}
