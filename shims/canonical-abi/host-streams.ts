import { StreamStatus, type InputStream } from '../../src/virtual/io/streams.ts';
import { onReady } from '../on-ready.ts';
import { CopyResult, type CopyCallbacks, type StreamSource, type TargetBuffer } from './values.ts';

export { drainInto } from './drain.ts';
export { FutureCell, readFuture } from './host-futures.ts';

/** Who reads or writes on the host's side. */
export const HOST: object = Object.freeze({ name: 'host' });

/** What a source of elements can say instead of elements. */
export type NextItems<T> = readonly T[] | 'wait' | 'closed';

/** Elements that the host makes, for a stream of any type. */
export interface ItemOrigin<T> {
  /** @param max at least 1 @returns 1 to `max` elements, `wait`, or `closed` */
  next(max: number): NextItems<T>;
  /**
   * Whether `next` would not answer `wait`. Without it, who only asks whether something is there has `next` called, and the
   * elements are kept for the next reader, if there is one.
   */
  ready?(): boolean;
  /** Settles when `next` would not answer `wait`; undefined when that is so now. Never rejects. */
  wait(): Promise<void> | undefined;
  /** Called once: after `closed`, or when nobody reads any more. */
  close(): void;
}

/**
 * The bytes of `input` as a stream that a guest reads: they go straight into its memory, and as many at once as it asks for.
 *
 * @param onEnd called once; whoever gave `input` closes it then. `failure` and `cause` of `input` say why it `failed`;
 *   `dropped`: nobody reads any more
 */
export function sourceOf(
  input: InputStream,
  onEnd: (why: 'closed' | 'failed' | 'dropped') => void,
): StreamSource {
  return new InputSource(input, onEnd);
}

/** Elements of `origin` as a stream that a guest reads. */
export function itemSource<T>(origin: ItemOrigin<T>): StreamSource {
  return new ItemSource(origin);
}

/** @returns whether a stream is written by the host, whatever the guests do */
export function isOfHost(source: StreamSource): boolean {
  return source instanceof HostSource;
}

interface Waits {
  wait(): Promise<void> | undefined;
}

/** A read that is under way waits until the host has something, then is answered with what is there. */
abstract class HostSource implements StreamSource {
  readonly #waits: Waits;
  #buffer: TargetBuffer | undefined;
  #callbacks: CopyCallbacks | undefined;
  #forget: (() => void) | undefined;
  #ended = false;

  constructor(waits: Waits) {
    this.#waits = waits;
  }

  /**
   * @param buffer of 0 elements when the reader only asks whether something is there
   * @returns whether that was answered (elements were put into `buffer`), or the stream has ended
   */
  protected abstract fill(buffer: TargetBuffer): 'filled' | 'wait' | 'ended';

  /** Nobody reads any more. */
  protected abstract dropped(): void;

  read(buffer: TargetBuffer, _reader: object, callbacks: CopyCallbacks): void {
    this.#buffer = buffer;
    this.#callbacks = callbacks;
    this.#tryFill();
  }

  cancel(): void {
    this.#finish(CopyResult.cancelled);
  }

  drop(): void {
    this.#buffer = undefined;
    this.#stopWaiting();
    if (this.#ended) return;
    this.#ended = true;
    this.dropped();
  }

  #tryFill(): void {
    this.#forget = undefined;
    const buffer = this.#buffer;
    if (buffer === undefined) return;
    const state = this.#ended ? 'ended' : this.fill(buffer);
    if (state === 'wait') {
      const forget = onReady(this.#waits, () => this.#tryFill());
      // Ready after all: the read was answered within that call, and maybe the next one has begun.
      if (this.#buffer === buffer) this.#forget ??= forget;
      return;
    }
    if (state === 'ended') this.#ended = true;
    this.#finish(state === 'ended' ? CopyResult.dropped : CopyResult.completed);
  }

  #finish(result: CopyResult): void {
    const callbacks = this.#callbacks;
    if (this.#buffer === undefined || callbacks === undefined) return;
    this.#buffer = undefined;
    this.#callbacks = undefined;
    this.#stopWaiting();
    callbacks.onDone(result);
  }

  #stopWaiting(): void {
    const forget = this.#forget;
    this.#forget = undefined;
    forget?.();
  }
}

class InputSource extends HostSource {
  readonly #input: InputStream;
  readonly #onEnd: (why: 'closed' | 'failed' | 'dropped') => void;

  constructor(input: InputStream, onEnd: (why: 'closed' | 'failed' | 'dropped') => void) {
    super(input);
    this.#input = input;
    this.#onEnd = onEnd;
  }

  protected override fill(buffer: TargetBuffer): 'filled' | 'wait' | 'ended' {
    if (buffer.isZeroLength) return this.#input.ready() ? 'filled' : 'wait';
    const bytes = buffer.bytes();
    const count = this.#input.readInto(bytes, 0, bytes.length);
    if (count > 0) buffer.advance(count);
    if (count >= 0) return count === 0 ? 'wait' : 'filled';
    this.#onEnd(count === StreamStatus.closed ? 'closed' : 'failed');
    return 'ended';
  }

  protected override dropped(): void {
    this.#onEnd('dropped');
  }
}

class ItemSource<T> extends HostSource {
  readonly #origin: ItemOrigin<T>;
  /** What a reader of 0 elements made us fetch: there is no other way to ask. */
  #held: readonly T[] = [];

  constructor(origin: ItemOrigin<T>) {
    super(origin);
    this.#origin = origin;
  }

  protected override fill(buffer: TargetBuffer): 'filled' | 'wait' | 'ended' {
    if (buffer.isZeroLength && this.#origin.ready !== undefined)
      return this.#origin.ready() ? 'filled' : 'wait';
    const items = this.#held.length > 0 ? this.#held : this.#origin.next(Math.max(buffer.remain, 1));
    this.#held = [];
    if (items === 'wait') return 'wait';
    if (items === 'closed') {
      this.#origin.close();
      return 'ended';
    }
    if (buffer.isZeroLength) this.#held = items;
    else buffer.write(items);
    return 'filled';
  }

  protected override dropped(): void {
    this.#origin.close();
  }
}
