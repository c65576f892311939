import type { Host } from '../../src/virtual/host.ts';
import type { Descriptor } from '../../src/virtual/filesystem/descriptor.ts';
import type { DirectoryEntry } from '../../src/virtual/filesystem/volume.ts';
import type { InputStream, OutputStream } from '../../src/virtual/io/streams.ts';
import type { TcpSocket } from '../../src/virtual/network/network.ts';
import { FdFlags } from './abi.ts';

/**
 * An open file descriptor of 0.1. Exactly one of `file`, `directory`, `input`, `output` and `socket` is set, but that a
 * connection has its two streams beside its socket; one class for all, so that a call site sees one shape.
 */
export class FdEntry {
  readonly file: Descriptor | undefined;
  readonly directory: Descriptor | undefined;
  readonly input: InputStream | undefined;
  readonly output: OutputStream | undefined;
  /** One that listens, or that of a connection. */
  readonly socket: TcpSocket | undefined;
  /** The name of a preopen, as UTF-8. */
  readonly preopenName: Uint8Array | undefined;
  /** Offset of the next read or write of a file. */
  position = 0;
  /** Bits of `fdflags`. */
  flags = 0;
  /** Whether an output has taken bytes before: a stream closed from the start is one that was never granted. */
  written = false;
  /** Of a connection: what went wrong after a call had sent something, for the next one to say. */
  deferredErrno = 0;
  /** What a readdir in progress goes through; see readdir.ts. */
  listing: readonly DirectoryEntry[] | undefined = undefined;

  constructor(kind: {
    file?: Descriptor;
    directory?: Descriptor;
    input?: InputStream;
    output?: OutputStream;
    socket?: TcpSocket;
    preopenName?: Uint8Array;
  }) {
    this.file = kind.file;
    this.directory = kind.directory;
    this.input = kind.input;
    this.output = kind.output;
    this.socket = kind.socket;
    this.preopenName = kind.preopenName;
  }

  get appends(): boolean {
    return (this.flags & FdFlags.append) !== 0;
  }

  get nonblocking(): boolean {
    return (this.flags & FdFlags.nonblock) !== 0;
  }
}

/** File descriptors by number. The lowest free number is given out, as POSIX programs expect. */
export class FdTable {
  readonly #host: Host;
  #entries: (FdEntry | undefined)[] = [];
  /** No number below is free. */
  #lowest = 0;

  /** Standard streams are 0 to 2 whether granted or not, so that preopens start at 3, where libcs look for them. */
  constructor(host: Host) {
    this.#host = host;
    this.add(new FdEntry({ input: host.stdin }));
    this.add(new FdEntry({ output: host.stdout }));
    this.add(new FdEntry({ output: host.stderr }));
    for (const { path, descriptor } of host.filesystem.preopens) {
      this.add(new FdEntry({ directory: descriptor, preopenName: new TextEncoder().encode(path) }));
    }
    // After the directories, as Wasmtime's --tcplisten numbers them.
    for (const socket of host.preopenedSockets) this.add(new FdEntry({ socket }));
  }

  /** @param fd as it came from the guest: any i32 */
  get(fd: number): FdEntry | undefined {
    return this.#entries[fd >>> 0];
  }

  add(entry: FdEntry): number {
    const entries = this.#entries;
    let fd = this.#lowest;
    while (fd < entries.length && entries[fd] !== undefined) fd++;
    entries[fd] = entry;
    this.#lowest = fd + 1;
    return fd;
  }

  /** @returns false when nothing is open there */
  close(fd: number): boolean {
    const entry = this.get(fd);
    if (entry === undefined) return false;
    this.#entries[fd] = undefined;
    if (fd < this.#lowest) this.#lowest = fd;
    this.#release(entry);
    return true;
  }

  /** Moves `from` to `to` and closes what was there. @returns false when one of them is not open */
  renumber(from: number, to: number): boolean {
    const entry = this.get(from);
    const replaced = this.get(to);
    if (entry === undefined || replaced === undefined) return false;
    if (entry === replaced) return true;
    this.#entries[to] = entry;
    this.#entries[from] = undefined;
    if (from < this.#lowest) this.#lowest = from;
    this.#release(replaced);
    return true;
  }

  /** Forgets everything; the descriptors of files are closed with the file system. */
  clear(): void {
    for (const entry of this.#entries) if (entry?.socket !== undefined) this.#release(entry);
    this.#entries = [];
    this.#lowest = 0;
  }

  #release(entry: FdEntry): void {
    const descriptor = entry.file ?? entry.directory;
    if (descriptor !== undefined) this.#host.filesystem.close(descriptor);
    entry.input?.close();
    entry.output?.close();
    entry.socket?.close();
    // What was accepted took a handle; what the guest was started with did not.
    if (entry.socket !== undefined && entry.input !== undefined) this.#host.meter.closeHandle();
    entry.listing = undefined;
  }
}
