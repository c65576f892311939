import { trap } from '../trap.ts';
import { copyElements } from './guest-buffer.ts';
import {
  CopyResult,
  type CopyCallbacks,
  type OriginBuffer,
  type StreamSource,
  type TargetBuffer,
} from './values.ts';
import type { Store } from './store.ts';

interface PendingRead {
  readonly target: TargetBuffer;
  readonly origin?: undefined;
  readonly by: object;
  readonly callbacks: CopyCallbacks;
}

interface PendingWrite {
  readonly origin: OriginBuffer;
  readonly target?: undefined;
  readonly by: object;
  readonly callbacks: CopyCallbacks;
}

/**
 * A stream that a component made: where its two ends meet. Whoever comes first waits with its buffer; the other one copies.
 *
 * @see definitions.py of the Canonical ABI, `SharedStreamImpl`
 */
export class SharedStream implements StreamSource {
  readonly #store: Store;
  /** Its elements mean the same to every component. */
  readonly #isNoneOrNumber: boolean;
  #dropped = false;
  #pending: PendingRead | PendingWrite | undefined;
  readonly #reclaim = (): void => {
    this.#pending = undefined;
  };

  constructor(store: Store, isNoneOrNumber: boolean) {
    this.#store = store;
    this.#isNoneOrNumber = isNoneOrNumber;
  }

  read(target: TargetBuffer, by: object, callbacks: CopyCallbacks): void {
    const pending = this.#pending;
    if (this.#dropped) callbacks.onDone(CopyResult.dropped);
    else if (pending?.origin === undefined) this.#pending = { target, by, callbacks };
    else {
      this.#checkPeer(pending, by);
      if (pending.origin.remain > 0) this.#copy(pending.origin, target, pending, callbacks);
      else {
        this.#notify(CopyResult.completed);
        this.#pending = { target, by, callbacks };
      }
    }
  }

  write(origin: OriginBuffer, by: object, callbacks: CopyCallbacks): void {
    const pending = this.#pending;
    if (this.#dropped) callbacks.onDone(CopyResult.dropped);
    else if (pending?.target === undefined) this.#pending = { origin, by, callbacks };
    else {
      this.#checkPeer(pending, by);
      if (pending.target.remain > 0) this.#copy(origin, pending.target, pending, callbacks);
      else if (origin.isZeroLength && pending.target.isZeroLength) callbacks.onDone(CopyResult.completed);
      else {
        this.#notify(CopyResult.completed);
        // The reader may be the host, which reads again at once.
        if (this.#pending === undefined) this.#pending = { origin, by, callbacks };
        else this.write(origin, by, callbacks);
      }
    }
  }

  /** For now the specification has no way to pass other values within one instance. */
  #checkPeer({ by: peer }: PendingRead | PendingWrite, by: object): void {
    if (peer === by && !this.#isNoneOrNumber)
      trap('an instance cannot read values from itself through a stream');
  }

  #copy(
    origin: OriginBuffer,
    target: TargetBuffer,
    pending: PendingRead | PendingWrite,
    callbacks: CopyCallbacks,
  ): void {
    const count = Math.min(origin.remain, target.remain);
    if (count > 0) {
      try {
        copyElements(origin, target, count);
      } catch (error) {
        // Not the fault of whoever comes second, which may be the host.
        this.#store.fail(error);
        callbacks.onDone(CopyResult.dropped);
        return;
      }
      if (this.#pending === pending) pending.callbacks.onCopy(this.#reclaim);
    }
    callbacks.onDone(CopyResult.completed);
  }

  #notify(result: CopyResult): void {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.callbacks.onDone(result);
  }

  cancel(): void {
    this.#notify(CopyResult.cancelled);
  }

  /** By either end. */
  drop(): void {
    if (this.#dropped) return;
    this.#dropped = true;
    this.#notify(CopyResult.dropped);
  }
}
