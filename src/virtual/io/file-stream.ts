import { MAX_PART } from '../bounds.ts';
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
  /** Of the buffer that they are in. */
  #held = 0;

  constructor(filesystem: Filesystem, descriptor: Descriptor, position: number) {
    this.#filesystem = filesystem;
    this.descriptor = descriptor;
    this.#position = position;
  }

  readInto(target: Uint8Array, offset: number, length: number): number {
    if (this.#bytes.length > 0) return this.#take(target, offset, length);
    if (this.#ended) return this.#end();
    if (length === 0 || this.#reading !== undefined) return 0;
    // However much room the guest has: the host holds the thread, and the bytes, of one part at a time.
    let part = Math.min(length, MAX_PART);
    if (leavesThread(this.descriptor, part)) {
      if (this.#filesystem.beside.take(part)) {
        this.#held = part;
        this.#reading = this.#readOffThread(part);
        return 0;
      }
      part = Math.min(part, WRITE_BUDGET);
    }
    const count = this.#filesystem.read(this.descriptor, target, offset, part, this.#position);
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
    // What is under way has its buffer until it is there.
    if (this.#reading === undefined) this.#letGo();
  }

  async #readOffThread(length: number): Promise<void> {
    const buffer = new Uint8Array(length);
    const count = await this.#filesystem.readOffThread(this.descriptor, buffer, 0, length, this.#position);
    this.#reading = undefined;
    if (this.#ended) return this.#letGo();
    if (count <= 0) {
      this.#letGo();
      return this.#stop(count);
    }
    this.#bytes = buffer.subarray(0, count);
    this.#position += count;
  }

  #take(target: Uint8Array, offset: number, length: number): number {
    const taken = this.#bytes.subarray(0, length);
    target.set(taken, offset);
    this.#bytes = this.#bytes.subarray(taken.length);
    if (this.#bytes.length === 0) this.#letGo();
    return taken.length;
  }

  #letGo(): void {
    this.#bytes = NO_BYTES;
    this.#filesystem.beside.giveBack(this.#held);
    this.#held = 0;
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
  readonly #budget: number;
  #position: number | undefined;
  #ended = false;
  #failed = false;
  /** A write beside the thread, until it is done. */
  #writing: Promise<void> | undefined;

  /** @param parts `large`: takes so much at once that it may leave the thread, after which the writer has to wait */
  constructor(
    filesystem: Filesystem,
    descriptor: Descriptor,
    position: number | undefined,
    parts: 'small' | 'large' = 'small',
  ) {
    this.#filesystem = filesystem;
    this.descriptor = descriptor;
    this.#position = position;
    this.#budget = parts === 'large' ? MAX_PART : WRITE_BUDGET;
  }

  checkWrite(): number {
    if (this.#ended) return this.#end();
    return this.#writing === undefined ? this.#budget : 0;
  }

  write(source: Uint8Array, offset: number, length: number): number {
    if (this.#ended) return this.#end();
    const { beside } = this.#filesystem;
    if (this.#budget > WRITE_BUDGET && leavesThread(this.descriptor, length) && beside.take(length)) {
      this.#writing = this.#writeOffThread(source.slice(offset, offset + length));
      return 0;
    }
    for (let done = 0; done < length;) {
      const count = this.#writeOnce(source, offset + done, length - done);
      if (count <= 0) {
        this.#stop(count);
        return this.#end();
      }
      done += count;
    }
    return 0;
  }

  flush(): number {
    return this.#ended ? this.#end() : 0;
  }

  ready(): boolean {
    return this.#writing === undefined;
  }

  wait(): Promise<void> | undefined {
    return this.#writing;
  }

  close(): void {
    this.#ended = true;
    this.#failed = false;
  }

  #writeOnce(source: Uint8Array, offset: number, length: number): number {
    if (this.#position === undefined) return this.#filesystem.append(this.descriptor, source, offset, length);
    const count = this.#filesystem.write(this.descriptor, source, offset, length, this.#position);
    if (count > 0) this.#position += count;
    return count;
  }

  async #writeOffThread(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length && !this.#ended;) {
      const length = bytes.length - done;
      const writing = this.#filesystem.writeOffThread(this.descriptor, bytes, done, length, this.#position);
      const count = await writing;
      if (count <= 0) {
        if (!this.#ended) this.#stop(count);
        break;
      }
      done += count;
      if (this.#position !== undefined) this.#position += count;
    }
    this.#filesystem.beside.giveBack(bytes.length);
    this.#writing = undefined;
  }

  #stop(count: number): void {
    this.#ended = true;
    this.#failed = true;
    this.failure = count === 0 ? ErrorCode.io : -count;
  }

  /** As of {@link FileInputStream}. */
  #end(): number {
    const failed = this.#failed;
    this.#failed = false;
    return failed ? StreamStatus.failed : StreamStatus.closed;
  }
}
