import { InstanceContext } from '../instance-context.ts';
import { filledU64, insecureFill } from '../random-fill.ts';

/** Something of the host that ends with the instance at the latest: a stream, a wait, a request that is under way. */
export interface Closable {
  close(): void;
  /** No call of the guest is under way any more: what waits for its code waits for ever, unless it is called again. */
  starve?(): void;
}

/**
 * What all host functions of one instance work on.
 *
 * The guest's handles of descriptors, sockets and so on are with the runtime, which releases those that are left when
 * the instance ends. What is here has no handle of its own: what a stream, a future or a call that waits keeps open.
 */
export class Context extends InstanceContext {
  readonly #open = new Set<Closable>();
  #insecureSeed: readonly [bigint, bigint] | undefined;
  #ended: { readonly reason: unknown } | undefined;
  #calls = 0;

  /** Has `item` closed when the instance ends, unless it is {@link forget forgotten} before. */
  closeAtEnd(item: Closable): void {
    if (this.#ended === undefined) this.#open.add(item);
    else item.close();
  }

  /** `item` is closed, or is somebody else's business from now on. */
  forget(item: Closable): void {
    this.#open.delete(item);
  }

  /** One for the life of the instance: wasi-testsuite has it that whoever asks again gets the same. */
  insecureSeed(): readonly [bigint, bigint] {
    const fill = insecureFill(this.host);
    return (this.#insecureSeed ??= [filledU64(fill), filledU64(fill)]);
  }

  /** Whether requests are at work in the guest. */
  get isCalled(): boolean {
    return this.#calls > 0;
  }

  callBegun(): void {
    this.#calls++;
  }

  callEnded(): void {
    if (--this.#calls === 0) for (const item of this.#open) item.starve?.();
  }

  /** Why the instance ended. Undefined as long as it has not. */
  get ended(): { readonly reason: unknown } | undefined {
    return this.#ended;
  }

  /** Releases what the guest left open. */
  end(reason: unknown): void {
    if (this.#ended !== undefined) return;
    this.#ended = { reason };
    for (const item of this.#open) item.close();
    this.#open.clear();
  }
}
