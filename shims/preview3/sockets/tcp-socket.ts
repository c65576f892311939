import type { InputStream, OutputStream } from '../../../src/virtual/io/streams.ts';
import type { NetworkError } from '../../../src/virtual/network/network-error.ts';
import type {
  Outcome,
  StreamPair,
  TcpSocket as VirtualSocket,
} from '../../../src/virtual/network/network.ts';
import type { Closable, Context } from '../context.ts';

/**
 * `tcp-socket`: a socket and both directions of its connection, of which each is taken once. WIT: the handle and all streams
 * of it share one socket of the system, which is closed with the last of them.
 */
export class TcpSocket implements Closable {
  readonly inner: VirtualSocket;
  readonly #context: Context;
  #pair: StreamPair | undefined;
  #receives = false;
  #sends = false;
  #hasHandle = true;
  #holders = 1;
  #closed = false;

  /** A handle was taken for it. @param pair of a connection that was accepted */
  constructor(context: Context, inner: VirtualSocket, pair?: StreamPair) {
    this.#context = context;
    this.inner = inner;
    this.#pair = pair;
    context.closeAtEnd(this);
  }

  finishConnect(): Outcome {
    const pair = this.inner.finishConnect();
    if (typeof pair === 'string') return pair;
    this.#pair = pair;
    return undefined;
  }

  /** Who gets it calls {@link finish} in the end. */
  takeInput(): InputStream | NetworkError {
    if (this.#pair === undefined || this.#receives) return 'invalid-state';
    this.#receives = true;
    this.#holders++;
    return this.#pair.input;
  }

  /** Likewise. */
  takeOutput(): OutputStream | NetworkError {
    if (this.#pair === undefined || this.#sends) return 'invalid-state';
    this.#sends = true;
    this.#holders++;
    return this.#pair.output;
  }

  /** One direction is over, or wanted no more: `shutdown` of POSIX. */
  finish(which: 'receive' | 'send'): void {
    if (this.#closed) return;
    this.inner.shutdown(which);
    this.letGo();
  }

  /** Somebody beside the handle needs the socket, until {@link letGo}. */
  hold(): void {
    this.#holders++;
  }

  letGo(): void {
    if (--this.#holders === 0) this.close();
  }

  /** The guest dropped its handle. */
  release(): void {
    if (!this.#hasHandle) return;
    this.#giveHandle();
    this.letGo();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#context.forget(this);
    this.#giveHandle();
    this.#pair?.input.close();
    this.#pair?.output.close();
    this.inner.close();
  }

  #giveHandle(): void {
    if (!this.#hasHandle) return;
    this.#hasHandle = false;
    this.#context.host.meter.closeHandle();
  }
}
