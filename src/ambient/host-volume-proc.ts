import { closeSync, constants, readlinkSync } from 'node:fs';
import { pid } from 'node:process';

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

let descriptors = '/proc/self/fd/';

/**
 * Finds the shortest way to this process's descriptors. `/proc/self` is a symlink that costs 0.4 us of every call; what
 * it points to is used in its place, if it is the process as it knows itself: the `/proc` of another PID namespace shows
 * another process under that number. Asked for with every volume, because a heap snapshot may have been another process.
 */
export function findDescriptors(): void {
  try {
    descriptors = readlinkSync('/proc/self') === String(pid) ? `/proc/${pid}/fd/` : '/proc/self/fd/';
  } catch {
    descriptors = '/proc/self/fd/';
  }
}

/**
 * @returns a path to exactly what `fd` has open. The kernel resolves it by the descriptor, not by name, so it stays
 *   right when the file is renamed or replaced. A closed handle has descriptor -1, whose path never exists.
 */
export function pathOf(fd: number): string {
  return descriptors + String(fd);
}

/** Closes a descriptor. What a network file system has to say of it at this point helps no guest. */
export function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // Linux has released the descriptor whatever the error.
  }
}
