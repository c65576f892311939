import { ErrorCode } from '../error-code.ts';
import type { Descriptor } from '../filesystem/descriptor.ts';
import { leavesThread } from '../filesystem/file-transfers.ts';
import type { Filesystem } from '../filesystem/filesystem.ts';
import { type InputStream, type OutputStream, StreamStatus, WRITE_BUDGET } from './streams.ts';

/** `read-via-stream`: a file from an offset to its end. */
export class FileInputStream implements InputStream {
  failure = 0;
  readonly descriptor: Descriptor;
  readonly #filesystem: Filesystem;
  #position: number;
  #ended = false;
  #failed = false;
  /** A read beside the thread, until it is done. */
  #reading: Promise<void> | undefined;
  /** What it brought, as far as the guest has not taken it. */
  #bytes = NO_BYTES;

  constructor(filesystem: Filesystem, descriptor: Descriptor, position: number) {
    this.#filesystem = filesystem;
    this.descriptor = descriptor;
    this.#position = position;
  }

  readInto(target: Uint8Array, offset: number, length: number): number {
    if (this.#bytes.length > 0) return this.#take(target, offset, length);
    if (this.#ended) return this.#end();
    if (length === 0 || this.#reading !== undefined) return 0;
    if (leavesThread(this.descriptor, length)) {
      this.#reading = this.#readOffThread(length);
      return 0;
    }
    const count = this.#filesystem.read(this.descriptor, target, offset, length, this.#position);
    if (count <= 0) {
      this.#stop(count);
      return this.#end();
    }
    this.#position += count;
    return count;
  }

  ready(): boolean {
    return this.#reading === undefined;
  }

  wait(): Promise<void> | undefined {
    return this.#reading;
  }

  close(): void {
    this.#ended = true;
    this.#failed = false;
    this.#bytes = NO_BYTES;
  }

  async #readOffThread(length: number): Promise<void> {
    const buffer = new Uint8Array(length);
    const count = await this.#filesystem.readOffThread(this.descriptor, buffer, 0, length, this.#position);
    this.#reading = undefined;
    if (this.#ended) return;
    if (count <= 0) return this.#stop(count);
    this.#bytes = buffer.subarray(0, count);
    this.#position += count;
  }

  #take(target: Uint8Array, offset: number, length: number): number {
    const taken = this.#bytes.subarray(0, length);
    target.set(taken, offset);
    this.#bytes = this.#bytes.subarray(taken.length);
    return taken.length;
  }

  #stop(count: number): void {
    this.#ended = true;
    this.#failed = count < 0;
    this.failure = -count;
  }

  /** wasi:io/streams: an error is told once; after it, all future operations return `closed`. */
  #end(): number {
    const failed = this.#failed;
    this.#failed = false;
    return failed ? StreamStatus.failed : StreamStatus.closed;
  }
}

const NO_BYTES = new Uint8Array(0);

/** `write-via-stream` from an offset, or `append-via-stream` when there is none. */
export class FileOutputStream implements OutputStream {
  failure = 0;
  readonly descriptor: Descriptor;
  readonly #filesystem: Filesystem;
  #position: number | undefined;
  #ended = false;

  constructor(filesystem: Filesystem, descriptor: Descriptor, position: number | undefined) {
    this.#filesystem = filesystem;
    this.descriptor = descriptor;
    this.#position = position;
  }

  checkWrite(): number {
    return this.#ended ? StreamStatus.closed : WRITE_BUDGET;
  }

  write(source: Uint8Array, offset: number, length: number): number {
    if (this.#ended) return StreamStatus.closed;
    for (let done = 0; done < length;) {
      const count = this.#writeOnce(source, offset + done, length - done);
      if (count <= 0) {
        this.#ended = true;
        this.failure = count === 0 ? ErrorCode.io : -count;
        return StreamStatus.failed;
      }
      done += count;
    }
    return 0;
  }

  #writeOnce(source: Uint8Array, offset: number, length: number): number {
    if (this.#position === undefined) return this.#filesystem.append(this.descriptor, source, offset, length);
    const count = this.#filesystem.write(this.descriptor, source, offset, length, this.#position);
    if (count > 0) this.#position += count;
    return count;
  }

  flush(): number {
    return this.#ended ? StreamStatus.closed : 0;
  }

  ready(): boolean {
    return true;
  }

  wait(): undefined {
    return undefined;
  }

  close(): void {
    this.#ended = true;
  }
}
