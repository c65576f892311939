import type { SocketEgressRule } from './egress-rules.ts';
import type { Datagram } from './stack.ts';

/** Datagrams that have come and that the guest has not taken; what comes when it is full is lost, as UDP may. */
const MAX_QUEUED = 256;
const MAX_QUEUED_BYTES = 256 << 10;

interface Queued {
  readonly datagram: Datagram;
  /** The rule that it was let in under. */
  readonly rule: SocketEgressRule;
}

/** What has arrived at one socket, in order and bounded. */
export class DatagramQueue {
  #queue: Queued[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#queue.length === 0;
  }

  hasRoomFor(bytes: number): boolean {
    return this.#queue.length < MAX_QUEUED && this.#bytes + bytes <= MAX_QUEUED_BYTES;
  }

  push(datagram: Datagram, rule: SocketEgressRule): void {
    this.#queue.push({ datagram, rule });
    this.#bytes += datagram.bytes.length;
  }

  take(max: number): readonly Datagram[] {
    const taken = this.#queue.splice(0, max);
    for (const { datagram } of taken) this.#bytes -= datagram.bytes.length;
    return taken.map(({ datagram }) => datagram);
  }

  /** Drops the others. */
  keep(isKept: (datagram: Datagram, rule: SocketEgressRule) => boolean): void {
    if (this.isEmpty) return;
    this.#queue = this.#queue.filter(({ datagram, rule }) => isKept(datagram, rule));
    this.#bytes = this.#queue.reduce((sum, { datagram }) => sum + datagram.bytes.length, 0);
  }

  clear(): void {
    this.#queue = [];
    this.#bytes = 0;
  }
}
