import type { OutputStream } from '../../src/virtual/io/streams.ts';
import { onReady } from '../on-ready.ts';
import { CopyResult, type CopyCallbacks, type StreamSource, type TargetBuffer } from './values.ts';
import type { Drain } from './host-function.ts';

/** Bytes that a source of the host may give at once. A guest's bytes need no room of ours. */
const STAGE_BYTES = 65_536;

/**
 * Copies what comes out of `source`, a stream of bytes, into `output` until it ends: straight from the guest's memory, and only
 * as much as `output` takes, so that a guest that writes faster than its peer reads has to wait.
 *
 * @param onEnd called once, but never after `cancel`. `closed`: the writer ended the stream, and everything is flushed. `failed`:
 *   `output.failure` and `output.cause` say why. `output` is the caller's to close, in both cases and after `cancel`
 */
export function drainInto(
  source: StreamSource,
  output: OutputStream,
  onEnd: (why: 'closed' | 'failed') => void,
): Drain {
  const drain = new OutputDrain(source, output, onEnd);
  drain.run();
  return drain;
}

class OutputDrain implements Drain, TargetBuffer, CopyCallbacks {
  readonly isZeroLength = false;
  readonly #source: StreamSource;
  readonly #output: OutputStream;
  readonly #onEnd: (why: 'closed' | 'failed') => void;
  #state: 'idle' | 'reading' | 'flushing' | 'ended' = 'idle';
  /** What `output` still takes. */
  #budget = 0;
  #failed = false;
  #running = false;
  #stage: Uint8Array | undefined;
  #forget: (() => void) | undefined;

  constructor(source: StreamSource, output: OutputStream, onEnd: (why: 'closed' | 'failed') => void) {
    this.#source = source;
    this.#output = output;
    this.#onEnd = onEnd;
  }

  get isStarved(): boolean {
    return this.#state === 'reading';
  }

  get remain(): number {
    return this.#budget;
  }

  /** Reads may be answered at once, one after the other: a loop, so that no writer decides how deep our stack gets. */
  run(): void {
    if (this.#running) return;
    this.#running = true;
    while (this.#state === 'idle') this.#step();
    this.#running = false;
  }

  #step(): void {
    const budget = this.#failed ? -1 : this.#output.checkWrite();
    if (budget < 0) {
      this.#end('failed');
      return;
    }
    if (budget === 0) {
      this.#await(() => this.run());
      return;
    }
    this.#budget = budget;
    this.#state = 'reading';
    this.#source.read(this, this, this);
  }

  /** Goes on with `next` when `output` is ready; at once, if it is now. */
  #await(next: () => void): void {
    let ready = false;
    const state = this.#state;
    // While it waits it must not be `idle`, or `run` would go round and round.
    this.#state = 'flushing';
    const forget = onReady(this.#output, () => {
      ready = true;
      this.#forget = undefined;
      if (this.#state === 'ended') return;
      this.#state = state;
      next();
    });
    if (!ready) this.#forget = forget;
  }

  bytes(): Uint8Array {
    this.#stage ??= new Uint8Array(STAGE_BYTES);
    return this.#stage.subarray(0, Math.min(this.#budget, STAGE_BYTES));
  }

  advance(count: number): void {
    if (this.#stage !== undefined) this.#put(this.#stage, count);
  }

  write(elements: Uint8Array | readonly unknown[]): void {
    this.#put(elements as Uint8Array, elements.length);
  }

  #put(bytes: Uint8Array, count: number): void {
    this.#budget -= count;
    if (this.#output.write(bytes, 0, count) < 0) this.#failed = true;
  }

  onCopy(reclaim: () => void): void {
    reclaim();
    this.#goOn();
  }

  onDone(result: CopyResult): void {
    if (this.#state !== 'reading') return;
    if (result === CopyResult.dropped) this.#flush();
    else this.#goOn();
  }

  #goOn(): void {
    if (this.#state !== 'reading') return;
    this.#state = 'idle';
    this.run();
  }

  /** The writer is done; what it wrote is not before it has arrived. */
  #flush(): void {
    if (this.#failed || this.#output.flush() < 0) {
      this.#end('failed');
      return;
    }
    this.#state = 'flushing';
    this.#await(() => this.#end(this.#output.checkWrite() < 0 ? 'failed' : 'closed'));
  }

  #end(why: 'closed' | 'failed'): void {
    this.#state = 'ended';
    this.#source.drop();
    this.#onEnd(why);
  }

  cancel(): void {
    if (this.#state === 'ended') return;
    const reading = this.#state === 'reading';
    this.#state = 'ended';
    this.#forget?.();
    this.#forget = undefined;
    if (reading) this.#source.cancel();
    this.#source.drop();
  }
}
