import type { Permit } from '../kernel/permit.ts';
import type { Image } from './filesystem/image.ts';
import type { ImageOfTreeOptions } from './filesystem/image-tree.ts';
import type { Quota } from './filesystem/quota.ts';
import type { Volume } from './filesystem/volume.ts';
import type { InputStream, OutputStream } from './io/streams.ts';
import type { NetworkStack } from './network/stack.ts';

/**
 * Anything of the real machine, as the inner layers see it. `ambient/` implements it and the composition root
 * (engine/engine.ts) hands it in; by no other way do they reach files, time, randomness or the process.
 */
export interface Machine {
  /** Nanoseconds of a steady clock with an arbitrary start. */
  monotonicNow(): number;
  /** The same as a u64. */
  monotonicU64(): bigint;
  /** Milliseconds since the Unix epoch; may have a fraction. */
  wallNow(): number;
  /** Resolves after at least `nanoseconds`, however many; never after one of `signals` ends. */
  sleep(nanoseconds: number, ...signals: readonly AbortSignal[]): Promise<void>;
  fillRandom(permit: Permit, target: Uint8Array, offset: number, length: number): void;
  /** @throws BindingError when the directory cannot be used or the system cannot confine it as asked. */
  openHostVolume(directory: string, options: HostVolumeOptions): Volume;
  /** Lower-case hexadecimal SHA-256. */
  sha256(bytes: Uint8Array | string): string;
  readFile(path: string | URL): Promise<Uint8Array>;
  /**
   * Reads an image from a directory, an archive file, or the bytes of an archive.
   *
   * @throws BindingError BW_IMAGE_…
   */
  loadImage(source: string | URL | Uint8Array, options: ImageOfTreeOptions): Promise<Image>;
  /**
   * Copies a directory into an image.
   *
   * @throws BindingError BW_BINDING_DIRECTORY for anything else, also for an archive; BW_IMAGE_…
   */
  copyDirectory(path: string, options: ImageOfTreeOptions): Promise<Image>;
  openOutput(target: OutputTarget, stream: 'stdout' | 'stderr'): OutputStream;
  openInput(source: InputSource): InputStream;
  /** @throws AuditError BW_AUDIT_OPEN */
  openAppendFile(path: string): AppendFile;
  /** Opens the machine's network for one instance. Nothing is connected by it. */
  openNetwork(options: NetworkOptions): Promise<NetworkStack>;
  /** @param directory undefined: the user's own cache directory */
  openCacheStore(directory: string | undefined, maxBytes: number): CacheStore;
  /** Processors that this program may use. */
  readonly processors: number;
  /** Starts a thread or a process that runs the module at `entry`. */
  startWorker(level: 'thread' | 'process', options: WorkerOptions, listener: WorkerListener): WorkerPort;
  /** Joins a relative path to a base directory; an absolute one stays as it is. */
  resolvePath(base: string, path: string): string;
}

export interface WorkerOptions {
  /** Of a module that calls `connectToHost` of ambient/workers. */
  readonly entry: URL;
  /** Bytes of JavaScript's heap. */
  readonly heap: number;
  /** Of a process: bytes of private memory, and seconds of computing, where the system can bound them. */
  readonly memory: number;
  readonly cpu: number;
  /** Of a process: directories that it may read and write besides Bailiwick's own code. */
  readonly readable: readonly string[];
  readonly writable: readonly string[];
  /** Of a process: whether it may use the network. */
  readonly network: boolean;
}

/** Hears a worker. */
export interface WorkerListener {
  message(message: unknown): void;
  /** The worker stands still until this returns. @returns the answer */
  question(question: unknown): unknown;
  /** It has ended, by itself or by force. @param reason `exit code 1`, `signal SIGKILL`, … */
  gone(reason: string): void;
}

/** The host's end of a worker. Messages are what structured clone takes. */
export interface WorkerPort {
  post(message: unknown): void;
  /** While held, the worker keeps the host's process alive. */
  hold(held: boolean): void;
  /** Ends it by force. */
  terminate(): void;
}

/** How an instance reaches the machine's network. */
export interface NetworkOptions {
  /** Looks names up; the system's own resolver when absent. */
  readonly resolver?: NameServers | ResolveName | undefined;
  /** Certificates that are trusted in the place of Node.js's own, in PEM. */
  readonly certificateAuthorities?: readonly string[] | undefined;
  /** By host, as in a rule's URL: exact names only. */
  readonly clientCertificates?: ReadonlyMap<string, ClientCertificate> | undefined;
  /** Where HTTP requests go through; the address that was decided is what the proxy is asked for. */
  readonly proxy?: HttpProxy | undefined;
}

/** Servers of the DNS: `192.0.2.1`, `192.0.2.1:5353` or `[2001:db8::1]:53`. */
export interface NameServers {
  readonly servers: readonly string[];
}

/** Gives all addresses of a name, in text; none when there is no such name. */
export type ResolveName = (name: string, signal: AbortSignal) => Promise<readonly string[]>;

/** In PEM. */
export interface ClientCertificate {
  readonly certificate: string;
  readonly key: string;
  readonly passphrase?: string | undefined;
}

export interface HttpProxy {
  /** `http://proxy.internal:3128`; requests of both schemes are tunnelled (CONNECT). */
  readonly url: string;
  /** Value of `Proxy-Authorization`. */
  readonly authorization?: string | undefined;
}

/** A file that only grows. */
export interface AppendFile {
  /** The bytes are with the operating system when it returns. @throws when they are not */
  append(text: string): void;
  close(): void;
}

/** Where cache entries are kept: a directory, or memory. Entries may vanish and come back broken at any time. */
export interface CacheStore {
  read(key: string): Promise<Uint8Array | undefined>;
  /** Whole or not at all, whoever else writes; failures are silent: a cache that does not keep is only slow. */
  write(key: string, bytes: Uint8Array): Promise<void>;
  remove(key: string): Promise<void>;
}

export interface HostVolumeOptions {
  /** Net bytes and names that may be added through this volume; undefined: no bound. */
  readonly quota?: Quota | undefined;
  /** Permission bits that new files and directories do not get; 0o022 when absent. */
  readonly umask?: number | undefined;
  /** `race-free` when absent. */
  readonly confinement?: Confinement | undefined;
  /** Bytes from which a read or write leaves the thread; Infinity: never. */
  readonly offThreadFrom?: number | undefined;
}

/**
 * How a host directory holds its guest. `race-free`: by descriptors of directories; whoever swaps directories and
 * symlinks meanwhile leads nobody out. `checked-paths`: by paths that are checked, then used; it is weaker, and works
 * where the other cannot.
 */
export type Confinement = 'race-free' | 'checked-paths';

/** Where a guest's output goes: the process's own stream, nowhere, or what the embedder gives. */
export type OutputTarget = 'inherit' | 'ignore' | ByteSink;

/**
 * Takes a chunk. A promise, or false as from a Node.js Writable, is back-pressure: the guest's next blocking write
 * waits for it.
 */
export interface ByteSink {
  write(chunk: Uint8Array): unknown;
  /** As Writable's: called once when the sink takes more. Needed by sinks whose `write` answers false. */
  once?(event: 'drain' | 'close' | 'error', listener: () => void): unknown;
}

/** Where a guest's input comes from: the process's own stream, nothing, given bytes, or chunks as they come. */
export type InputSource = 'inherit' | 'ignore' | Uint8Array | AsyncIterable<Uint8Array | string>;
