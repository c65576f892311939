import type { Context } from './context.ts';
import { Errno, errnoOf } from './errno.ts';
import type { Snapshot } from './snapshot.ts';

export type SeekFunctions = {
  /** `fd_seek(fd: fd, offset: filedelta, whence: whence) -> filesize` */
  fd_seek(fd: number, offset: bigint, whence: number, position: number): number;
  /** `fd_tell(fd: fd) -> filesize` */
  fd_tell(fd: number, position: number): number;
};

export function seek({ host, memory, fds, stat }: Context, { whence: cases }: Snapshot): SeekFunctions {
  return {
    fd_seek(fd, offset, whence, position) {
      const entry = fds.get(fd);
      if (entry === undefined) return Errno.badf;
      if (entry.file === undefined) return entry.directory === undefined ? Errno.spipe : Errno.badf;
      const at = position >>> 0;
      if (!memory.holds(at, 8)) return Errno.fault;
      let base = 0;
      if (whence === cases.cur) base = entry.position;
      else if (whence === cases.end) {
        const status = host.filesystem.stat(entry.file, stat);
        if (status !== 0) return errnoOf(status);
        base = stat.size;
      } else if (whence !== cases.set) return Errno.inval;
      const target = base + Number(offset);
      if (target < 0) return Errno.inval;
      if (target > Number.MAX_SAFE_INTEGER) return Errno.overflow;
      entry.position = target;
      memory.setU64(at, target);
      return Errno.success;
    },

    fd_tell(fd, position) {
      const entry = fds.get(fd);
      if (entry === undefined) return Errno.badf;
      if (entry.file === undefined) return entry.directory === undefined ? Errno.spipe : Errno.badf;
      const at = position >>> 0;
      if (!memory.holds(at, 8)) return Errno.fault;
      memory.setU64(at, entry.position);
      return Errno.success;
    },
  };
}
