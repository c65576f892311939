import type { Descriptor } from '../../../src/virtual/filesystem/descriptor.ts';
import type { Closable, Context } from '../context.ts';

/** Keeps the descriptor of a file stream open until the stream is over, or the instance. */
export class OpenStream implements Closable {
  readonly #context: Context;
  readonly #descriptor: Descriptor;
  readonly #stream: Closable;
  #closed = false;

  constructor(context: Context, descriptor: Descriptor, stream: Closable) {
    this.#context = context;
    this.#descriptor = descriptor;
    this.#stream = stream;
    context.fileStreams.opened(descriptor);
    context.closeAtEnd(this);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#context.forget(this);
    this.#stream.close();
    this.#context.fileStreams.closed(this.#descriptor);
  }
}
