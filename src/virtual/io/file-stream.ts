import { ErrorCode } from '../error-code.ts';
import type { Descriptor } from '../filesystem/descriptor.ts';
import type { Filesystem } from '../filesystem/filesystem.ts';
import { type InputStream, type OutputStream, StreamStatus, WRITE_BUDGET } from './streams.ts';

/** `read-via-stream`: a file from an offset to its end. */
export class FileInputStream implements InputStream {
  failure = 0;
  readonly descriptor: Descriptor;
  readonly #filesystem: Filesystem;
  #position: number;
  #ended = false;

  constructor(filesystem: Filesystem, descriptor: Descriptor, position: number) {
    this.#filesystem = filesystem;
    this.descriptor = descriptor;
    this.#position = position;
  }

  readInto(target: Uint8Array, offset: number, length: number): number {
    if (this.#ended) return StreamStatus.closed;
    if (length === 0) return 0;
    const count = this.#filesystem.read(this.descriptor, target, offset, length, this.#position);
    if (count > 0) {
      this.#position += count;
      return count;
    }
    // wasi:io/streams: after an error, all future operations return `closed`.
    this.#ended = true;
    this.failure = -count;
    return count === 0 ? StreamStatus.closed : StreamStatus.failed;
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
