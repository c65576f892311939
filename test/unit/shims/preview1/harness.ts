import type { Preview1Imports } from '../../../../shims/preview1/index.ts';
import { preview1 } from '../../../../shims/preview1/index.ts';
import type { Host } from '../../../../src/virtual/host.ts';
import { type TestHost, testHost, type TestHostOptions } from '../../../support/host.ts';

/** Past the end of the one page that a guest of these tests has. */
export const OUTSIDE = 65_536;
export const PREOPEN = 3;

/** The largest u32, u64 and so on, as they arrive from WebAssembly: signed. */
export const MAX_U32 = -1;
export const MAX_U64 = -1n;

/** The functions of 0.1 over a host of real parts, with a memory to point into and no guest. */
export class Shim {
  readonly test: TestHost;
  readonly wasi: Preview1Imports;
  readonly memory: WebAssembly.Memory = new WebAssembly.Memory({ initial: 1, maximum: 4 });
  #end = 1024;

  /** @param host in the place of the one that `options` make */
  constructor(options?: TestHostOptions, host?: Host) {
    this.test = testHost(options);
    this.wasi = preview1(host ?? this.test.host);
    this.wasi.bindMemory(this.memory);
  }

  get call(): Preview1Imports['functions'] {
    return this.wasi.functions;
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.memory.buffer);
  }

  get view(): DataView {
    return new DataView(this.memory.buffer);
  }

  /** @returns the address of fresh bytes */
  room(size: number): number {
    const at = this.#end;
    this.#end += Math.ceil(size / 8) * 8;
    if (this.#end > 65_536) throw new RangeError('the page is full');
    return at;
  }

  put(content: string | Uint8Array): { at: number; length: number } {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    const at = this.room(bytes.length);
    this.bytes.set(bytes, at);
    return { at, length: bytes.length };
  }

  /** @returns the address of an array of vectors */
  vectors(...vectors: readonly (readonly [at: number, length: number])[]): number {
    const at = this.room(vectors.length * 8);
    for (const [i, [pointer, length]] of vectors.entries()) {
      this.view.setUint32(at + i * 8, pointer, true);
      this.view.setUint32(at + i * 8 + 4, length, true);
    }
    return at;
  }

  text(at: number, length: number): string {
    return new TextDecoder().decode(this.bytes.slice(at, at + length));
  }

  u32(at: number): number {
    return this.view.getUint32(at, true);
  }

  u64(at: number): bigint {
    return this.view.getBigUint64(at, true);
  }

  /** Opens for reading and writing; creates. @returns the file descriptor; throws on an errno */
  open(
    path: string,
    options: { oflags?: number; rights?: bigint; fdflags?: number; at?: number } = {},
  ): number {
    const { at, length } = this.put(path);
    const out = this.room(4);
    const { oflags = 1, rights = 0x42n, fdflags = 0, at: directory = PREOPEN } = options;
    const errno = this.call.path_open(directory, 1, at, length, oflags, rights, 0n, fdflags, out);
    if (errno !== 0) throw new Error(`path_open: errno ${errno}`);
    return this.u32(out);
  }

  write(fd: number, content: string): number | Promise<number> {
    const { at, length } = this.put(content);
    return this.call.fd_write(fd, this.vectors([at, length]), 1, this.room(4));
  }
}
