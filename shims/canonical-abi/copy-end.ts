import { trap } from '../trap.ts';
import { sameType } from './type-text.ts';
import { EventCode, Waitable } from './waitable.ts';
import { CopyResult, type CopyCallbacks, type FutureSource, type StreamSource } from './values.ts';
import type { ComponentInstance } from './component-instance.ts';
import type { GuestOrigin, GuestTarget } from './guest-buffer.ts';
import type { SharedFuture } from './future.ts';
import type { SharedStream } from './stream.ts';
import type { ValueType } from './types.ts';

export type CopyState = 'idle' | 'copying' | 'cancelling' | 'done';

/**
 * One end of a stream or future in a component's table.
 *
 * @see definitions.py of the Canonical ABI, `CopyEnd`
 */
export abstract class CopyEnd extends Waitable implements CopyCallbacks {
  state: CopyState = 'idle';
  /** The element type that was last found to be the same; types of builtins differ in nothing but which object they are. */
  #element: ValueType | undefined;
  protected result: CopyResult = CopyResult.completed;
  protected buffer: GuestTarget | GuestOrigin | undefined;
  #reclaim: (() => void) | undefined;

  constructor(instance: ComponentInstance, element: ValueType | undefined) {
    super(instance);
    this.#element = element;
  }

  /** Ends the copy that waits; `onDone` is called before this returns, if it is under way still. */
  protected abstract cancelCopy(): void;
  protected abstract dropShared(): void;

  get isCopying(): boolean {
    return this.state === 'copying' || this.state === 'cancelling';
  }

  checkElement(element: ValueType | undefined): void {
    if (this.#element === element) return;
    const { resources } = this.instance;
    if (!sameType(this.#element, element, (a, b) => resources[a.slot] === resources[b.slot]))
      trap('a stream or future of another element type');
    this.#element = element;
  }

  protected begin(buffer: GuestTarget | GuestOrigin): void {
    this.state = 'copying';
    this.buffer = buffer;
  }

  onCopy(reclaim: () => void): void {
    this.#reclaim = reclaim;
    this.#setResult(CopyResult.completed);
  }

  onDone(result: CopyResult): void {
    this.#reclaim = undefined;
    this.#setResult(result);
  }

  #setResult(result: CopyResult): void {
    if (!this.isCopying) return;
    this.result = result;
    this.setPendingEvent();
  }

  /** Takes the buffer back. @returns elements that were copied */
  protected takeBuffer(): number {
    this.#reclaim?.();
    this.#reclaim = undefined;
    const progress = this.buffer?.progress ?? 0;
    this.buffer = undefined;
    return progress;
  }

  cancel(): void {
    this.state = 'cancelling';
    if (!this.hasPendingEvent) this.cancelCopy();
  }

  drop(): void {
    if (this.isCopying) trap('the end of a stream or future was dropped during a copy');
    this.dropShared();
    this.join(undefined);
  }

  override release(): void {
    this.state = 'done';
    this.dropShared();
  }
}

abstract class StreamEnd extends CopyEnd {
  readonly counted = 'stream';

  /** Who cancels a copy that has progressed is told both, as the reference tests have it (test/async/cancel-stream.wast). */
  protected override deliver(): number {
    const progress = this.takeBuffer();
    const cancelled = this.state === 'cancelling' && this.result === CopyResult.completed;
    this.state = this.result === CopyResult.dropped ? 'done' : 'idle';
    return (cancelled ? CopyResult.cancelled : this.result) | (progress << 4);
  }
}

export class ReadableStreamEnd extends StreamEnd {
  readonly code: EventCode = EventCode.streamRead;
  readonly source: StreamSource;

  constructor(instance: ComponentInstance, element: ValueType | undefined, source: StreamSource) {
    super(instance, element);
    this.source = source;
  }

  read(buffer: GuestTarget): void {
    this.begin(buffer);
    this.source.read(buffer, this.instance, this);
  }

  protected override cancelCopy(): void {
    this.source.cancel();
  }

  protected override dropShared(): void {
    this.source.drop();
  }
}

export class WritableStreamEnd extends StreamEnd {
  readonly code: EventCode = EventCode.streamWrite;
  readonly #shared: SharedStream;

  constructor(instance: ComponentInstance, element: ValueType | undefined, shared: SharedStream) {
    super(instance, element);
    this.#shared = shared;
  }

  write(buffer: GuestOrigin): void {
    this.begin(buffer);
    this.#shared.write(buffer, this.instance, this);
  }

  protected override cancelCopy(): void {
    this.#shared.cancel();
  }

  protected override dropShared(): void {
    this.#shared.drop();
  }
}

abstract class FutureEnd extends CopyEnd {
  readonly counted = 'future';

  protected override deliver(): number {
    this.takeBuffer();
    this.state = this.result === CopyResult.cancelled ? 'idle' : 'done';
    return this.result;
  }
}

export class ReadableFutureEnd extends FutureEnd {
  readonly code: EventCode = EventCode.futureRead;
  readonly source: FutureSource;

  constructor(instance: ComponentInstance, element: ValueType | undefined, source: FutureSource) {
    super(instance, element);
    this.source = source;
  }

  read(buffer: GuestTarget): void {
    this.begin(buffer);
    this.source.read(buffer, this.instance, (result) => this.onDone(result));
  }

  protected override cancelCopy(): void {
    this.source.cancel();
  }

  protected override dropShared(): void {
    this.source.drop();
  }
}

export class WritableFutureEnd extends FutureEnd {
  readonly code: EventCode = EventCode.futureWrite;
  readonly #shared: SharedFuture;

  constructor(instance: ComponentInstance, element: ValueType | undefined, shared: SharedFuture) {
    super(instance, element);
    this.#shared = shared;
  }

  write(buffer: GuestOrigin): void {
    this.begin(buffer);
    this.#shared.write(buffer, this.instance, (result) => this.onDone(result));
  }

  /** A reader may rely on a value. */
  override drop(): void {
    if (this.state !== 'done') trap('the writable end of a future was dropped before a value was written');
    super.drop();
  }

  protected override cancelCopy(): void {
    this.#shared.cancel();
  }

  protected override dropShared(): void {
    this.#shared.drop();
  }
}
