import { CopyResult, type FutureSource, type TargetBuffer } from './values.ts';

/** A future whose value the host will give. */
export class FutureCell<T> implements FutureSource {
  readonly #onDrop: (() => void) | undefined;
  #settled: { readonly value: T } | undefined;
  #used = false;
  #reader: { readonly buffer: TargetBuffer; readonly onDone: (result: CopyResult) => void } | undefined;

  /** @param onDrop called once if nobody will ever read the value */
  constructor(onDrop?: () => void) {
    this.#onDrop = onDrop;
  }

  get isSettled(): boolean {
    return this.#settled !== undefined;
  }

  /** Only the first value counts. */
  resolve(value: T): void {
    if (this.#settled !== undefined) return;
    this.#settled = { value };
    const reader = this.#reader;
    if (reader === undefined) return;
    this.#reader = undefined;
    this.#answer(value, reader.buffer, reader.onDone);
  }

  read(buffer: TargetBuffer, _reader: object, onDone: (result: CopyResult) => void): void {
    if (this.#settled === undefined) this.#reader = { buffer, onDone };
    else this.#answer(this.#settled.value, buffer, onDone);
  }

  #answer(value: T, buffer: TargetBuffer, onDone: (result: CopyResult) => void): void {
    this.#used = true;
    buffer.write([value]);
    onDone(CopyResult.completed);
  }

  cancel(): void {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.onDone(CopyResult.cancelled);
  }

  drop(): void {
    this.#reader = undefined;
    if (this.#used) return;
    this.#used = true;
    this.#onDrop?.();
  }
}

/**
 * Reads the one value of a future that a component handed to the host, and drops the future.
 *
 * @param onValue called once, maybe before this returns, but never after the cancellation; undefined: the writer's instance has ended
 * @returns stops reading, and drops the future; where the value has come already it is given again
 */
export function readFuture<T>(
  source: FutureSource,
  onValue: (value: T | undefined) => void,
): () => T | undefined {
  let value: T | undefined;
  let open = true;
  const buffer: TargetBuffer = {
    remain: 1,
    isZeroLength: false,
    bytes: () => new Uint8Array(1),
    advance: () => undefined,
    write(elements) {
      [value] = elements as readonly T[];
    },
  };
  const close = (): boolean => {
    const wasOpen = open;
    open = false;
    return wasOpen;
  };
  source.read(buffer, buffer, () => {
    if (!close()) return;
    source.drop();
    onValue(value);
  });
  return () => {
    if (close()) {
      source.cancel();
      source.drop();
    }
    return value;
  };
}
