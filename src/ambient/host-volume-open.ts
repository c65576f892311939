import { type BigIntStats, constants, fstatSync, ftruncateSync, lstatSync, openSync } from 'node:fs';
import { ErrorCode } from '../virtual/error-code.ts';
import { OpenMode, type VolumeFile } from '../virtual/filesystem/volume.ts';
import type { HostContext } from './host-volume-context.ts';
import { errorCode } from './host-volume-errno.ts';
import { HostFile } from './host-volume-file.ts';
import { closeQuietly, FILE_FLAGS } from './host-volume-proc.ts';

/**
 * Opens a regular file that the last name of `path` is itself.
 *
 * @param mode bits of {@link OpenMode}
 * @throws what node:fs throws
 */
export function openFileAt(context: HostContext, path: string, mode: number): VolumeFile | ErrorCode {
  const fd = (mode & OpenMode.create) === 0 ? openSync(path, flagsOf(mode)) : createFile(context, path, mode);
  return fd < 0 ? (-fd as ErrorCode) : toFile(context, fd, mode);
}

/** @returns the descriptor of a file that was there or is new, or a negative ErrorCode */
function createFile({ quota, fileMode }: HostContext, path: string, mode: number): number {
  const exclusive = (mode & OpenMode.exclusive) !== 0;
  if (quota?.takeName(false) === false) {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return -ErrorCode.quota;
    return exclusive ? -ErrorCode.exist : openSync(path, flagsOf(mode));
  }
  try {
    // Exclusive, so that it is known whether the name is new.
    return openSync(path, flagsOf(mode) | constants.O_CREAT | constants.O_EXCL, fileMode);
  } catch (error) {
    quota?.giveName(false);
    const code = errorCode(error);
    return exclusive || code !== ErrorCode.exist ? -code : openSync(path, flagsOf(mode));
  }
}

/** Hands on regular files, and truncates only once it is known to be one. Takes `fd` over. */
function toFile(context: HostContext, fd: number, mode: number): VolumeFile | ErrorCode {
  try {
    const stats = fstatSync(fd, { bigint: true });
    if (stats.isFile()) {
      if ((mode & OpenMode.truncate) !== 0) truncate(context, fd, stats);
      return new HostFile(context, fd, stats);
    }
    closeQuietly(fd);
    return stats.isDirectory() ? ErrorCode.isDirectory : ErrorCode.access;
  } catch (error) {
    closeQuietly(fd);
    return errorCode(error);
  }
}

function truncate({ quota, inodes }: HostContext, fd: number, stats: BigIntStats): void {
  const shared = inodes.share(stats);
  ftruncateSync(fd, 0);
  quota?.giveBytes(shared.counted);
  shared.counted = 0;
}

function flagsOf(mode: number): number {
  const write = (mode & (OpenMode.write | OpenMode.truncate)) !== 0;
  if (!write) return FILE_FLAGS | constants.O_RDONLY;
  return FILE_FLAGS | ((mode & OpenMode.read) === 0 ? constants.O_WRONLY : constants.O_RDWR);
}
