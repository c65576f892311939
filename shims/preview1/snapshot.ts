/**
 * Where the two published snapshots of WASI 0.1 differ: `wasi_unstable` (snapshot 0) and `wasi_snapshot_preview1`. All
 * other types and all functions are the same, but that snapshot 0 has no `sock_accept`.
 * https://github.com/bytecodealliance/wasmtime/tree/main/crates/wasi/witx (p0 and p1)
 */
export interface Snapshot {
  readonly whence: WhenceCases;
  readonly filestat: FilestatLayout;
  readonly subscription: SubscriptionLayout;
}

/** `whence` */
export interface WhenceCases {
  readonly set: number;
  readonly cur: number;
  readonly end: number;
}

/** `filestat`: size and offsets in bytes */
export interface FilestatLayout {
  readonly size: number;
  readonly device: number;
  readonly inode: number;
  readonly filetype: number;
  /** A u64; a u32 in snapshot 0. */
  readonly linkCount: number;
  readonly fileSize: number;
  readonly accessed: number;
  readonly modified: number;
  readonly changed: number;
}

/** `subscription`; offsets of the union's cases are from the start of the subscription */
export interface SubscriptionLayout {
  readonly size: number;
  readonly userdata: number;
  readonly tag: number;
  readonly clockId: number;
  readonly timeout: number;
  readonly clockFlags: number;
  readonly fd: number;
}

/** wasi_snapshot_preview1 */
export const SNAPSHOT_1: Snapshot = {
  whence: { set: 0, cur: 1, end: 2 },
  filestat: {
    size: 64,
    device: 0,
    inode: 8,
    filetype: 16,
    linkCount: 24,
    fileSize: 32,
    accessed: 40,
    modified: 48,
    changed: 56,
  },
  subscription: { size: 48, userdata: 0, tag: 8, clockId: 16, timeout: 24, clockFlags: 40, fd: 16 },
};

/** wasi_unstable. A subscription to a clock begins with an identifier of the clock, a u64 that nothing answers. */
export const SNAPSHOT_0: Snapshot = {
  whence: { set: 2, cur: 0, end: 1 },
  filestat: {
    size: 56,
    device: 0,
    inode: 8,
    filetype: 16,
    linkCount: 20,
    fileSize: 24,
    accessed: 32,
    modified: 40,
    changed: 48,
  },
  subscription: { size: 56, userdata: 0, tag: 8, clockId: 24, timeout: 32, clockFlags: 48, fd: 16 },
};
