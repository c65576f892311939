import type { BigIntStats } from 'node:fs';
import { ErrorCode, type Status } from '../virtual/error-code.ts';
import { emptyStat, type NewTimestamp } from '../virtual/filesystem/volume.ts';
import { errorCode } from './host-volume-errno.ts';
import type { HostInodes } from './host-volume-inodes.ts';

/**
 * Sets times, of which node:fs knows only both at once and only as doubles of seconds (about 200 ns apart today). The
 * inode remembers the exact ones, so that a guest reads back what it set.
 */
export function setBoth(
  inodes: HostInodes,
  stats: () => BigIntStats,
  set: (accessed: number, modified: number) => void,
  accessed: NewTimestamp,
  modified: NewTimestamp,
): Status {
  // node:fs takes negative times for "now".
  if ((accessed ?? 0n) < 0n || (modified ?? 0n) < 0n) return ErrorCode.invalid;
  try {
    const before = emptyStat();
    inodes.fill(stats(), before);
    const atime = accessed ?? before.accessed;
    const mtime = modified ?? before.modified;
    set(seconds(atime), seconds(mtime));
    inodes.remember(stats(), atime, mtime);
    return 0;
  } catch (error) {
    return errorCode(error);
  }
}

function seconds(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e9;
}
