import type { NetworkError } from '../../../src/virtual/network/network-error.ts';
import type { OutgoingDatagrams as VirtualOutgoing, Outcome } from '../../../src/virtual/network/network.ts';
import { trap } from '../../trap.ts';

/** `outgoing-datagram-stream`, with what its last `check-send` allowed. */
export class OutgoingDatagrams {
  readonly #stream: VirtualOutgoing;
  #permitted: number | undefined;

  constructor(stream: VirtualOutgoing) {
    this.#stream = stream;
  }

  checkSend(): number | NetworkError {
    const count = this.#stream.checkSend();
    this.#permitted = typeof count === 'number' ? count : undefined;
    return count;
  }

  /** Traps, before anything is copied out of the guest, when it sends more than `check-send` allowed. */
  permit(count: number): void {
    // WIT: "This function traps if …"; sending nothing needs no permission, as with wasmtime.
    if (count === 0) return;
    if (this.#permitted === undefined) trap('datagrams are sent without check-send');
    if (count > this.#permitted) trap('more datagrams are sent than check-send allowed');
    this.#permitted = undefined;
  }

  /**
   * Sends as many as the network takes.
   *
   * @param send sends the datagram with this number
   * @returns how many were sent; an error only when the first one was not
   */
  sendEach(count: number, send: (stream: VirtualOutgoing, index: number) => Outcome): number | NetworkError {
    for (let i = 0; i < count; i++) {
      const error = send(this.#stream, i);
      if (error !== undefined) return i > 0 || error === 'would-block' ? i : error;
    }
    return count;
  }

  ready(): boolean {
    return this.#stream.ready();
  }

  wait(): Promise<void> | undefined {
    return this.#stream.wait();
  }

  close(): void {
    this.#stream.close();
  }
}
