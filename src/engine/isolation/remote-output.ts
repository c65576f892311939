import type { Peer } from './peer.ts';
import type { HostCalls } from './protocol.ts';

/** Bytes of output that are on their way to the host at one time; a guest that has more waits. */
const WINDOW = 1 << 18;

/** Sends what a guest writes to the host. Back-pressure reaches the guest when the host's answers are late. */
export class RemoteOutput {
  readonly #host: Peer<HostCalls>;
  readonly #instance: number;
  readonly #stream: 'stdout' | 'stderr';
  #underWay = 0;
  #failure: { readonly error: unknown } | undefined;
  #room = Promise.withResolvers<void>();
  #onClose: (() => void) | undefined;

  constructor(host: Peer<HostCalls>, instance: number, stream: 'stdout' | 'stderr') {
    this.#host = host;
    this.#instance = instance;
    this.#stream = stream;
  }

  write(chunk: Uint8Array): true | Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#underWay += chunk.length;
    this.#host.request('output', this.#instance, this.#stream, chunk).then(
      () => this.#arrived(chunk.length),
      (error: unknown) => {
        this.#failure = { error };
        this.#onClose?.();
        this.#arrived(chunk.length);
      },
    );
    return this.#underWay < WINDOW ? true : this.#room.promise;
  }

  /** As a Writable has it: a guest learns before its next write that nobody takes it. */
  once(event: string, listener: () => void): void {
    if (event === 'close') this.#onClose = listener;
  }

  #arrived(count: number): void {
    this.#underWay -= count;
    if (this.#underWay >= WINDOW && this.#failure === undefined) return;
    this.#room.resolve();
    this.#room = Promise.withResolvers();
  }
}
