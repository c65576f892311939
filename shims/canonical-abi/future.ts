import { trap } from '../trap.ts';
import { copyElements } from './guest-buffer.ts';
import { CopyResult, type FutureSource, type OriginBuffer, type TargetBuffer } from './values.ts';
import type { Store } from './store.ts';

interface Pending {
  readonly target?: TargetBuffer;
  readonly origin?: OriginBuffer;
  readonly by: object;
  readonly onDone: (result: CopyResult) => void;
}

/**
 * A future that a component made: where its two ends meet.
 *
 * @see definitions.py of the Canonical ABI, `SharedFutureImpl`
 */
export class SharedFuture implements FutureSource {
  readonly #store: Store;
  readonly #isNoneOrNumber: boolean;
  #dropped = false;
  #pending: Pending | undefined;

  constructor(store: Store, isNoneOrNumber: boolean) {
    this.#store = store;
    this.#isNoneOrNumber = isNoneOrNumber;
  }

  read(target: TargetBuffer, by: object, onDone: (result: CopyResult) => void): void {
    const origin = this.#pending?.origin;
    if (this.#dropped) onDone(CopyResult.dropped);
    else if (origin === undefined) this.#pending = { target, by, onDone };
    else this.#copy(origin, target, by, onDone);
  }

  write(origin: OriginBuffer, by: object, onDone: (result: CopyResult) => void): void {
    const target = this.#pending?.target;
    if (this.#dropped) onDone(CopyResult.dropped);
    else if (target === undefined) this.#pending = { origin, by, onDone };
    else this.#copy(origin, target, by, onDone);
  }

  #copy(origin: OriginBuffer, target: TargetBuffer, by: object, onDone: (result: CopyResult) => void): void {
    if (this.#pending?.by === by && !this.#isNoneOrNumber)
      trap('an instance cannot read a value from itself through a future');
    try {
      copyElements(origin, target, 1);
    } catch (error) {
      this.#store.fail(error);
      onDone(CopyResult.dropped);
      return;
    }
    this.#notify(CopyResult.completed);
    onDone(CopyResult.completed);
  }

  #notify(result: CopyResult): void {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.onDone(result);
  }

  cancel(): void {
    this.#notify(CopyResult.cancelled);
  }

  /** By either end. A writer that is gone with its instance has left a reader without a value. */
  drop(): void {
    if (this.#dropped) return;
    this.#dropped = true;
    this.#notify(CopyResult.dropped);
  }
}
