import { BindingError } from '../errors.ts';
import { type OutputStream, StreamStatus, WRITE_BUDGET } from '../virtual/io/streams.ts';
import type { ByteSink, OutputTarget } from '../virtual/machine.ts';

/**
 * Opens where a guest's standard output or error goes.
 *
 * @throws BindingError BW_BINDING_STREAM
 */
export function openOutput(target: OutputTarget, stream: 'stdout' | 'stderr'): OutputStream {
  if (target === 'ignore') return new NullOutput();
  const sink = target === 'inherit' ? process[stream] : target;
  // A caller without types may pass anything.
  if (typeof sink?.write !== 'function') {
    throw new BindingError(
      'BW_BINDING_STREAM',
      `${stream} has no write(); expected 'inherit', 'ignore', or an object such as a Writable.`,
    );
  }
  return new SinkOutput(sink);
}

/** Bytes into a Node.js Writable or anything shaped like one. Back-pressure reaches the guest: it waits for 'drain'. */
class SinkOutput implements OutputStream {
  readonly failure = 0;
  readonly #sink: ByteSink;
  readonly #events: SinkEvents;
  #pending: Promise<void> | undefined;
  #closed = false;

  constructor(sink: ByteSink) {
    this.#sink = sink;
    this.#events = SinkEvents.of(sink);
  }

  checkWrite(): number {
    if (this.#isClosed()) return StreamStatus.closed;
    return this.#pending === undefined ? WRITE_BUDGET : 0;
  }

  write(source: Uint8Array, offset: number, length: number): number {
    if (this.#isClosed()) return StreamStatus.closed;
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
    return this.#isClosed() ? StreamStatus.closed : 0;
  }

  ready(): boolean {
    return this.#isClosed() || this.#pending === undefined;
  }

  wait(): Promise<void> | undefined {
    return this.ready() ? undefined : this.#pending;
  }

  close(): void {
    // The sink belongs to the embedder.
  }

  #isClosed(): boolean {
    return this.#closed || this.#events.gone;
  }

  #waitFor(answer: unknown): void {
    if (answer === false && this.#sink.once !== undefined) this.#settle(this.#events.drained());
    else if (answer instanceof Promise) this.#settle(answer);
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

/**
 * What the streams of all instances that write to one sink share: one listener per event, for as long as the sink
 * lives, so that neither instances nor waits leave anything on it.
 */
class SinkEvents {
  static readonly #known = new WeakMap<ByteSink, SinkEvents>();
  readonly #sink: ByteSink;
  #drain: PromiseWithResolvers<void> | undefined;
  #listensForDrain = false;
  /** The reader went away (EPIPE), or the sink was closed. */
  gone = false;

  static of(sink: ByteSink): SinkEvents {
    let events = SinkEvents.#known.get(sink);
    if (events === undefined) SinkEvents.#known.set(sink, (events = new SinkEvents(sink)));
    return events;
  }

  private constructor(sink: ByteSink) {
    this.#sink = sink;
    this.#listenForErrors();
    sink.once?.('close', () => this.#end());
  }

  /** Settles when the sink takes more, or never will. */
  drained(): Promise<void> {
    if (!this.#listensForDrain) {
      this.#listensForDrain = true;
      this.#sink.once?.('drain', () => {
        this.#listensForDrain = false;
        this.#wake();
      });
    }
    return (this.#drain ??= Promise.withResolvers<void>()).promise;
  }

  /** Again after each: an error that nobody listens for would end the host. */
  #listenForErrors(): void {
    this.#sink.once?.('error', () => {
      this.#end();
      this.#listenForErrors();
    });
  }

  #end(): void {
    this.gone = true;
    this.#wake();
  }

  #wake(): void {
    this.#drain?.resolve();
    this.#drain = undefined;
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
