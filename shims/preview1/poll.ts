import type { Descriptor } from '../../src/virtual/filesystem/descriptor.ts';
import { WRITE_BUDGET } from '../../src/virtual/io/streams.ts';
import type { Waitable } from '../../src/virtual/network/network.ts';
import { onReady } from '../on-ready.ts';
import { ClockId, Event, EventType, SUBSCRIPTION_CLOCK_ABSTIME } from './abi.ts';
import type { Context } from './context.ts';
import { Errno, errnoOf } from './errno.ts';
import type { FdEntry } from './fd-table.ts';
import type { Snapshot, SubscriptionLayout } from './snapshot.ts';

export type PollFunctions = {
  /** `poll_oneoff(in: ConstPointer<subscription>, out: Pointer<event>, nsubscriptions: size) -> size`; waits */
  poll_oneoff(input: number, output: number, nsubscriptions: number, count: number): number | Promise<number>;
};

/** Bounds the work of one call; POSIX has the limit of open files in its place. */
const MAX_SUBSCRIPTIONS = 65_536;

export function poll(context: Context, { subscription: layout }: Snapshot): PollFunctions {
  const { clocks } = context.host;
  return {
    poll_oneoff(input, output, nsubscriptions, count) {
      const call = new PollCall(
        context,
        layout,
        input >>> 0,
        output >>> 0,
        nsubscriptions >>> 0,
        count >>> 0,
      );
      const result = call.run();
      const breather = typeof result === 'number' ? clocks.breather() : undefined;
      if (breather !== undefined) return context.suspend(breather, () => result);
      return result;
    },
  };
}

/**
 * One `poll_oneoff`. A subscription that cannot be served is an event with an error, which is what the `error` field of
 * events is for; tags and flags that the interface does not have are `inval` for the whole call.
 */
class PollCall {
  readonly #context: Context;
  readonly #layout: SubscriptionLayout;
  readonly #input: number;
  readonly #output: number;
  readonly #subscriptions: number;
  readonly #count: number;
  /** The shortest time that a clock subscription waits, in nanoseconds from the start of the call. */
  #timeout = Number.POSITIVE_INFINITY;
  #timedOut = false;
  #timer: Promise<void> | undefined;
  readonly #stopTimer = new AbortController();
  /** Absolute timeouts count from one reading of each clock. */
  #monotonicNow: number | undefined;
  #wallNow: number | undefined;
  /** Of the last {@link #readiness}: bytes that can be read or written. */
  #available = 0;

  constructor(
    context: Context,
    layout: SubscriptionLayout,
    input: number,
    output: number,
    subscriptions: number,
    count: number,
  ) {
    this.#context = context;
    this.#layout = layout;
    this.#input = input;
    this.#output = output;
    this.#subscriptions = subscriptions;
    this.#count = count;
  }

  /** @returns an errno */
  run(): number | Promise<number> {
    if (this.#subscriptions === 0) return Errno.inval;
    if (this.#subscriptions > MAX_SUBSCRIPTIONS) {
      this.#context.host.guard.limited('subscriptions of a poll', MAX_SUBSCRIPTIONS);
      return Errno.inval;
    }
    if (!this.#inBounds()) return Errno.fault;
    return this.#findTimeout() ? this.#finish() : Errno.inval;
  }

  #inBounds(): boolean {
    const { memory } = this.#context;
    return (
      memory.holds(this.#input, this.#subscriptions * this.#layout.size) &&
      memory.holds(this.#output, this.#subscriptions * Event.size) &&
      memory.holds(this.#count, 4)
    );
  }

  /** @returns false when a tag or flag is none of the interface's */
  #findTimeout(): boolean {
    const { view } = this.#context.memory;
    for (let i = 0; i < this.#subscriptions; i++) {
      const at = this.#input + i * this.#layout.size;
      const tag = view.getUint8(at + this.#layout.tag);
      if (tag > EventType.fdWrite) return false;
      if (tag !== EventType.clock) continue;
      if (view.getUint16(at + this.#layout.clockFlags, true) > SUBSCRIPTION_CLOCK_ABSTIME) return false;
      this.#timeout = Math.min(this.#timeout, this.#timeoutOf(at));
    }
    return true;
  }

  /** @returns nanoseconds from the start of the call; 0 for a clock that does not exist, whose event is an error */
  #timeoutOf(at: number): number {
    const { memory, host } = this.#context;
    const id = memory.view.getUint32(at + this.#layout.clockId, true);
    if (!isClock(id)) return 0;
    const timeout = memory.getU64(at + this.#layout.timeout);
    if (memory.view.getUint16(at + this.#layout.clockFlags, true) !== SUBSCRIPTION_CLOCK_ABSTIME)
      return timeout;
    const { monotonic, wall } = host.clocks;
    if (id === ClockId.monotonic) return Math.max(0, timeout - (this.#monotonicNow ??= monotonic.now()));
    if (this.#wallNow === undefined) {
      wall.read();
      this.#wallNow = wall.seconds * 1e9 + wall.nanoseconds;
    }
    return Math.max(0, timeout - this.#wallNow);
  }

  /** Answers when something is ready, else waits. */
  #finish(): number | Promise<number> {
    if (!this.#inBounds()) return Errno.fault;
    const count = this.#collect();
    if (count === 0) return this.#wait();
    this.#stopTimer.abort();
    this.#context.memory.view.setUint32(this.#count, count, true);
    return Errno.success;
  }

  /** Writes the events of what is ready. @returns how many */
  #collect(): number {
    const { view } = this.#context.memory;
    const passed = this.#timedOut ? this.#timeout : 0;
    let count = 0;
    for (let i = 0; i < this.#subscriptions; i++) {
      const at = this.#input + i * this.#layout.size;
      this.#available = 0;
      const tag = view.getUint8(at + this.#layout.tag);
      if (tag !== EventType.clock) {
        const errno = this.#readiness(at, tag);
        if (errno !== PENDING) this.#put(count++, at, tag, errno);
      } else if (this.#timeoutOf(at) <= passed) {
        const known = isClock(view.getUint32(at + this.#layout.clockId, true));
        this.#put(count++, at, tag, known ? Errno.success : Errno.inval);
      }
    }
    return count;
  }

  /** @returns PENDING, or the errno of the event */
  #readiness(at: number, tag: number): number {
    const entry = this.#entryOf(at);
    if (entry === undefined || entry.directory !== undefined) return Errno.badf;
    if (entry.file !== undefined) return this.#fileReadiness(entry, entry.file, tag);
    const stream = awaited(entry, tag);
    if (stream === undefined) return Errno.badf;
    if (!stream.ready()) return PENDING;
    // How much is there is not known without taking it; there is something, or the end.
    this.#available = 1;
    return Errno.success;
  }

  /** Files never make a reader or writer wait. */
  #fileReadiness(entry: FdEntry, file: Descriptor, tag: number): number {
    const { host, stat } = this.#context;
    if (tag === EventType.fdWrite) this.#available = WRITE_BUDGET;
    else {
      const status = host.filesystem.stat(file, stat);
      if (status !== 0) return errnoOf(status);
      this.#available = Math.max(0, stat.size - entry.position);
    }
    return Errno.success;
  }

  #entryOf(at: number): FdEntry | undefined {
    return this.#context.fds.get(this.#context.memory.view.getUint32(at + this.#layout.fd, true));
  }

  #put(index: number, at: number, tag: number, errno: number): void {
    const { memory } = this.#context;
    const { view } = memory;
    const out = this.#output + index * Event.size;
    const low = view.getUint32(at + this.#layout.userdata, true);
    const high = view.getUint32(at + this.#layout.userdata + 4, true);
    memory.bytes.fill(0, out, out + Event.size);
    view.setUint32(out + Event.userdata, low, true);
    view.setUint32(out + Event.userdata + 4, high, true);
    view.setUint16(out + Event.error, errno, true);
    view.setUint8(out + Event.type, tag);
    memory.setU64(out + Event.byteCount, this.#available);
  }

  #wait(): number | Promise<number> {
    if (this.#timeout !== Number.POSITIVE_INFINITY && this.#timer === undefined) {
      this.#timer = this.#context.host.clocks.sleep(this.#timeout, this.#stopTimer.signal);
      if (this.#timer === undefined) {
        // Virtual time has jumped.
        this.#timedOut = true;
        return this.#finish();
      }
    }
    const { promise: woken, resolve } = Promise.withResolvers<void>();
    void this.#timer?.then(() => {
      this.#timedOut = true;
      return resolve();
    });
    const listening = this.#streams().map((stream) => onReady(stream, resolve));
    return this.#context.suspend(woken, () => {
      for (const stop of listening) stop();
      return this.#finish();
    });
  }

  /** What the subscriptions wait for beside clocks. */
  #streams(): Waitable[] {
    const { view } = this.#context.memory;
    const streams = new Set<Waitable>();
    for (let i = 0; i < this.#subscriptions; i++) {
      const at = this.#input + i * this.#layout.size;
      const tag = view.getUint8(at + this.#layout.tag);
      if (tag === EventType.clock) continue;
      const entry = this.#entryOf(at);
      const stream = entry && awaited(entry, tag);
      if (stream !== undefined) streams.add(stream);
    }
    return [...streams];
  }
}

/** A socket that listens can be read when there is a connection to accept. */
function awaited({ input, output, socket }: FdEntry, tag: number): Waitable | undefined {
  return tag === EventType.fdRead ? (input ?? socket) : output;
}

/** Of a readiness: no event yet. */
const PENDING = -1;

function isClock(id: number): boolean {
  return id === ClockId.monotonic || id === ClockId.realtime;
}
