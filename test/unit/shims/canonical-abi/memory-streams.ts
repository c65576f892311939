import { type InputStream, type OutputStream, StreamStatus } from '../../../../src/virtual/io/streams.ts';

/** Input that a test feeds. */
export class MemoryInput implements InputStream {
  readonly failure = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #finished = false;
  #waiting: PromiseWithResolvers<void> | undefined;

  get unread(): number {
    return this.#bytes.length;
  }

  push(text: string): void {
    this.#bytes = Buffer.concat([this.#bytes, Buffer.from(text)]);
    this.#wake();
  }

  finish(): void {
    this.#finished = true;
    this.#wake();
  }

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }

  readInto(target: Uint8Array, offset: number, length: number): number {
    if (this.#bytes.length === 0) return this.#finished ? StreamStatus.closed : 0;
    const count = this.#bytes.copy(target, offset, 0, length);
    this.#bytes = this.#bytes.subarray(count);
    return count;
  }

  ready(): boolean {
    return this.#finished || this.#bytes.length > 0;
  }

  wait(): Promise<void> | undefined {
    if (this.ready()) return undefined;
    this.#waiting ??= Promise.withResolvers();
    return this.#waiting.promise;
  }

  close(): void {}
}

/** Output that holds `capacity` bytes until a test takes them. */
export class MemoryOutput implements OutputStream {
  readonly failure = 0;
  text = '';
  readonly #capacity: number;
  #used = 0;
  #failed = false;
  #waiting: PromiseWithResolvers<void> | undefined;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get length(): number {
    return this.text.length;
  }

  take(): void {
    this.#used = 0;
    this.#wake();
  }

  fail(): void {
    this.#failed = true;
    this.#wake();
  }

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }

  checkWrite(): number {
    return this.#failed ? StreamStatus.failed : this.#capacity - this.#used;
  }

  write(source: Uint8Array, offset: number, length: number): number {
    if (this.#failed) return StreamStatus.failed;
    if (length > this.#capacity - this.#used) throw new Error('more than was allowed');
    this.#used += length;
    this.text += Buffer.from(source.subarray(offset, offset + length)).toString('latin1');
    return 0;
  }

  flush(): number {
    return 0;
  }

  ready(): boolean {
    return this.checkWrite() !== 0;
  }

  wait(): Promise<void> | undefined {
    if (this.ready()) return undefined;
    this.#waiting ??= Promise.withResolvers();
    return this.#waiting.promise;
  }

  close(): void {}
}
