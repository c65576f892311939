import { FutureCell, itemSource, readFuture } from '../../../shims/canonical-abi/host-streams.ts';
import type { ValueType } from '../../../shims/canonical-abi/types.ts';
import {
  CopyResult,
  type FutureSource,
  type StreamSource,
  type TargetBuffer,
} from '../../../shims/canonical-abi/values.ts';
import { GuestTrap } from '../../virtual/host.ts';
import { JsMismatch } from './js-mismatch.ts';
import { listValues } from './js-lists.ts';
import type { JsScope, JsValues } from './js-value-types.ts';

/** Elements that are taken from a guest at once; of bytes, as many as a write of a file. */
const ELEMENTS = 64;
const BYTES = 65_536;

/** A stream is an async iterable: of chunks where it is of bytes, else of elements. */
export function streamValues(element: ValueType | undefined, values: JsValues | undefined): JsValues {
  const isBytes = element?.kind === 'u8';
  const items = isBytes && values !== undefined ? listValues(element, values, undefined) : values;
  return {
    toJs: (value, scope) => iterate(value as StreamSource, isBytes, values, scope),
    fromJs(value, scope) {
      if (typeof value === 'object' && value !== null && Symbol.asyncIterator in value)
        return originOf((value as AsyncIterable<unknown>)[Symbol.asyncIterator](), isBytes, items, scope);
      if (typeof value === 'object' && value !== null && Symbol.iterator in value)
        return originOf((value as Iterable<unknown>)[Symbol.iterator](), isBytes, items, scope);
      throw new JsMismatch('an async iterable', value);
    },
  };
}

/** A future is a promise. */
export function futureValues(element: ValueType | undefined, values: JsValues | undefined): JsValues {
  return {
    toJs(value, scope) {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      // Whoever does not look at the promise has nobody to tell.
      promise.catch(() => undefined);
      const never = (): void => reject(new GuestTrap('a future will not get its value any more'));
      const forget = scope.onEnd(never);
      readFuture<unknown>(value as FutureSource, (item) => {
        forget();
        if (item === undefined && element !== undefined && element.kind !== 'option') never();
        else resolve(values?.toJs(item, scope));
      });
      return promise;
    },
    fromJs(value, scope) {
      const cell = new FutureCell<unknown>();
      Promise.resolve(value).then(
        (item) => settle(scope, () => cell.resolve(values?.fromJs(item, scope))),
        (error: unknown) => scope.fail(error),
      );
      return cell;
    },
  };
}

function settle(scope: JsScope, job: () => void): void {
  try {
    job();
  } catch (error) {
    scope.fail(error);
  }
}

/** One read at a time, when somebody asks: the guest writes no faster than that. */
async function* iterate(
  source: StreamSource,
  isBytes: boolean,
  values: JsValues | undefined,
  scope: JsScope,
): AsyncGenerator<unknown, void, undefined> {
  try {
    for (;;) {
      const target = isBytes ? new ByteTarget() : new ItemTarget();
      const result = await readOnce(source, target, scope);
      if (target instanceof ByteTarget) {
        if (target.taken > 0) yield target.chunk();
      } else {
        for (const item of target.items) yield values?.toJs(item, scope);
      }
      if (result !== CopyResult.completed) return;
    }
  } finally {
    source.drop();
  }
}

/** A stream that ends with its instance ends like any other: elements are all that it promises. */
function readOnce(
  source: StreamSource,
  target: ByteTarget | ItemTarget,
  scope: JsScope,
): Promise<CopyResult> {
  const { promise, resolve } = Promise.withResolvers<CopyResult>();
  const forget = scope.onEnd(() => resolve(CopyResult.dropped));
  const done = (result: CopyResult): void => {
    forget();
    resolve(result);
  };
  let open = true;
  source.read(target, target, {
    onCopy(reclaim) {
      if (!open) return;
      open = false;
      reclaim();
      done(CopyResult.completed);
    },
    onDone(result) {
      if (!open) return;
      open = false;
      done(result);
    },
  });
  return promise;
}

class ByteTarget implements TargetBuffer {
  readonly isZeroLength = false;
  readonly #bytes = new Uint8Array(BYTES);
  taken = 0;

  get remain(): number {
    return BYTES - this.taken;
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(this.taken);
  }

  advance(count: number): void {
    this.taken += count;
  }

  write(elements: Uint8Array | readonly unknown[]): void {
    this.#bytes.set(elements as Uint8Array, this.taken);
    this.taken += elements.length;
  }

  chunk(): Uint8Array {
    return this.#bytes.slice(0, this.taken);
  }
}

class ItemTarget implements TargetBuffer {
  readonly isZeroLength = false;
  readonly items: unknown[] = [];

  get remain(): number {
    return ELEMENTS - this.items.length;
  }

  bytes(): Uint8Array {
    throw new TypeError('a stream of other elements than bytes');
  }

  advance(): void {
    throw new TypeError('a stream of other elements than bytes');
  }

  write(elements: Uint8Array | readonly unknown[]): void {
    this.items.push(...elements);
  }
}

/** Elements of the embedder's, fetched when the guest wants some. @param values of what comes at once */
function originOf(
  iterator: Iterator<unknown> | AsyncIterator<unknown>,
  isBytes: boolean,
  values: JsValues | undefined,
  scope: JsScope,
): StreamSource {
  let held: readonly unknown[] = [];
  let ended = false;
  let fetching: Promise<void> | undefined;
  const fetch = async (): Promise<void> => {
    try {
      const result = await iterator.next();
      if (result.done === true) ended = true;
      else {
        const item = values?.fromJs(result.value, scope);
        held = isBytes ? [...(item as Uint8Array)] : [item];
      }
    } catch (error) {
      ended = true;
      scope.fail(error);
    } finally {
      fetching = undefined;
    }
  };
  return itemSource<unknown>({
    next(max) {
      if (held.length === 0) return ended ? 'closed' : 'wait';
      const items = held.slice(0, max);
      held = held.slice(max);
      return items;
    },
    wait() {
      if (held.length > 0 || ended) return undefined;
      return (fetching ??= fetch());
    },
    close() {
      if (!ended) void iterator.return?.();
      ended = true;
    },
  });
}
