/**
 * The binary interface of wasi_snapshot_preview1: numbers and layouts of typenames.witx. What wasi_unstable has otherwise
 * is in snapshot.ts.
 * https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md
 */

/** `clockid` */
export const ClockId = { realtime: 0, monotonic: 1, processCputimeId: 2, threadCputimeId: 3 } as const;

/** `fdflags` */
export const FdFlags = { append: 1, dsync: 2, nonblock: 4, rsync: 8, sync: 16 } as const;
export const ALL_FD_FLAGS = 31;
/** Flags that are fixed when a file is opened. */
export const SYNC_FD_FLAGS: number = FdFlags.dsync | FdFlags.rsync | FdFlags.sync;

/** `lookupflags` */
export const LookupFlags = { symlinkFollow: 1 } as const;

/** `oflags`: bit for bit the `open-flags` of 0.2. */
export const ALL_OPEN_FLAGS = 15;

/** `fstflags` */
export const FstFlags = { atim: 1, atimNow: 2, mtim: 4, mtimNow: 8 } as const;
export const ALL_FST_FLAGS = 15;

/** Number of cases of `advice` and of `signal`. */
export const ADVICE_CASES = 6;
export const SIGNAL_CASES = 31;

/** `filetype` */
export const Filetype = {
  unknown: 0,
  blockDevice: 1,
  characterDevice: 2,
  directory: 3,
  regularFile: 4,
  socketDgram: 5,
  socketStream: 6,
  symbolicLink: 7,
} as const;

/** `filetype` by the `descriptor-type` of 0.2 (FileType of volume.ts). 0.1 has no word for a FIFO. */
export const FILETYPE_OF_TYPE: readonly number[] = [
  Filetype.unknown,
  Filetype.blockDevice,
  Filetype.characterDevice,
  Filetype.directory,
  Filetype.unknown,
  Filetype.symbolicLink,
  Filetype.regularFile,
  Filetype.socketStream,
];

/** `riflags` */
export const RiFlags = { recvPeek: 1, recvWaitall: 2 } as const;
export const ALL_RI_FLAGS = 3;

/** `sdflags` */
export const SdFlags = { rd: 1, wr: 2 } as const;
export const ALL_SD_FLAGS = 3;

/** `iovec`, `ciovec`: buf u32, buf_len u32 */
export const IOVEC_SIZE = 8;

/** `dirent`: d_next u64, d_ino u64, d_namlen u32, d_type u8 */
export const Dirent = { size: 24, next: 0, inode: 8, nameLength: 16, type: 20 } as const;

/** `fdstat`: filetype u8, flags u16, two rights u64 */
export const Fdstat = { size: 24, filetype: 0, flags: 2, rightsBase: 8, rightsInheriting: 16 } as const;

/** `prestat`: tag u8 (0: directory), pr_name_len u32 */
export const Prestat = { size: 8, tag: 0, nameLength: 4 } as const;
export const PREOPENTYPE_DIR = 0;

/** `eventtype`, the tag of subscriptions and events */
export const EventType = { clock: 0, fdRead: 1, fdWrite: 2 } as const;

/** `subclockflags` */
export const SUBSCRIPTION_CLOCK_ABSTIME = 1;

/** `event` */
export const Event = { size: 32, userdata: 0, error: 8, type: 10, byteCount: 16, flags: 24 } as const;
