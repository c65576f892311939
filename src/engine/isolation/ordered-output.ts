import type { OutputStream } from '../../virtual/io/streams.ts';

/** Writes to a target one piece at a time, in order: the next one when the target takes more. */
export class OrderedOutput {
  readonly #target: OutputStream;
  #last: Promise<void> = Promise.resolve();

  constructor(target: OutputStream) {
    this.#target = target;
  }

  /** Resolves when the target takes more. Rejects when it takes nothing any more. */
  write(bytes: Uint8Array): Promise<void> {
    return (this.#last = this.#last.then(() => this.#write(bytes)));
  }

  /** Resolves when the target has, or has refused, all that was written so far. */
  async idle(): Promise<void> {
    await this.#last.catch(() => undefined);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (this.#target.write(bytes, 0, bytes.length) < 0) throw new Error('the target is closed');
    await this.#target.wait();
  }
}
