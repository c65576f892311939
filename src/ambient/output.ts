import { type OutputStream, StreamStatus, WRITE_BUDGET } from '../virtual/io/streams.ts';
import type { ByteSink, OutputTarget } from '../virtual/machine.ts';

/** Opens where a guest's standard output or error goes. */
export function openOutput(target: OutputTarget, stream: 'stdout' | 'stderr'): OutputStream {
  if (target === 'ignore') return new NullOutput();
  return new SinkOutput(target === 'inherit' ? process[stream] : target);
}

/** Bytes into a Node.js Writable or anything shaped like one. Back-pressure reaches the guest: it waits for 'drain'. */
class SinkOutput implements OutputStream {
  readonly failure = 0;
  readonly #sink: ByteSink;
  #pending: Promise<void> | undefined;
  #closed = false;

  constructor(sink: ByteSink) {
    this.#sink = sink;
    // A reader that goes away (EPIPE) ends the guest's stream; unhandled, the event would end the host.
    if (sink.once !== undefined) guardErrors(sink, () => (this.#closed = true));
  }

  checkWrite(): number {
    if (this.#closed) return StreamStatus.closed;
    return this.#pending === undefined ? WRITE_BUDGET : 0;
  }

  write(source: Uint8Array, offset: number, length: number): number {
    if (this.#closed) return StreamStatus.closed;
    // A copy: the sink may keep the chunk while the guest goes on writing to its memory.
    const chunk = new Uint8Array(length);
    chunk.set(source.subarray(offset, offset + length));
    try {
      this.#waitFor(this.#sink.write(chunk));
    } catch {
      this.#closed = true;
      return StreamStatus.closed;
    }
    return 0;
  }

  flush(): number {
    return this.#closed ? StreamStatus.closed : 0;
  }

  ready(): boolean {
    return this.#closed || this.#pending === undefined;
  }

  wait(): Promise<void> | undefined {
    return this.ready() ? undefined : this.#pending;
  }

  close(): void {
    // The sink belongs to the embedder.
  }

  #waitFor(answer: unknown): void {
    if (answer === false && this.#sink.once !== undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      for (const event of ['drain', 'close', 'error'] as const) this.#sink.once(event, resolve);
      this.#settle(promise);
    } else if (answer instanceof Promise) {
      this.#settle(answer);
    }
  }

  #settle(promise: Promise<unknown>): void {
    const pending = promise.then(
      () => void (this.#pending === pending && (this.#pending = undefined)),
      () => {
        this.#closed = true;
        this.#pending = undefined;
      },
    );
    this.#pending = pending;
  }
}

class NullOutput implements OutputStream {
  readonly failure = 0;

  checkWrite(): number {
    return WRITE_BUDGET;
  }

  write(): number {
    return 0;
  }

  flush(): number {
    return 0;
  }

  ready(): boolean {
    return true;
  }

  wait(): undefined {
    return undefined;
  }

  close(): void {
    // Nothing is open.
  }
}

const onError = new WeakMap<ByteSink, Set<() => void>>();

/** One listener per sink, however many instances share it, and for as long as the sink lives. */
function guardErrors(sink: ByteSink, listener: () => void): void {
  const known = onError.get(sink);
  if (known !== undefined) {
    known.add(listener);
    return;
  }
  const listeners = new Set([listener]);
  onError.set(sink, listeners);
  const listen = (): void => {
    sink.once?.('error', () => {
      for (const each of listeners) each();
      listen();
    });
  };
  listen();
}
