import type { NetworkError } from '../../../src/virtual/network/network-error.ts';
import {
  type DatagramStreams,
  type Outcome,
  type UdpSocket as VirtualSocket,
} from '../../../src/virtual/network/network.ts';
import { type SocketAddress, unspecified } from '../../../src/virtual/network/socket-address.ts';
import type { Closable, Context } from '../context.ts';

/** `udp-socket`: a socket and the streams of the peer that it is connected to, or of all peers. */
export class UdpSocket implements Closable {
  readonly inner: VirtualSocket;
  /** Bytes of datagrams that wait for the system to take those before them. */
  waitingBytes = 0;
  readonly #context: Context;
  #streams: DatagramStreams | undefined;
  #connected = false;
  #closed = false;

  /** A handle was taken for it. */
  constructor(context: Context, inner: VirtualSocket) {
    this.#context = context;
    this.inner = inner;
    context.closeAtEnd(this);
  }

  get isConnected(): boolean {
    return this.#connected;
  }

  /** Fails as long as it is not bound. */
  get streams(): DatagramStreams | NetworkError {
    const streams = this.#streams ?? this.inner.stream(undefined);
    if (typeof streams !== 'string') this.#streams = streams;
    return streams;
  }

  /** What waits for datagrams of one peer goes on waiting for those of the next. @param remote undefined: any peer */
  associate(remote: SocketAddress | undefined): Outcome {
    const streams = this.inner.stream(remote);
    if (typeof streams === 'string') return streams;
    const before = this.#streams;
    this.#streams = streams;
    this.#connected = remote !== undefined;
    before?.incoming.close();
    before?.outgoing.close();
    return undefined;
  }

  /** Binds it to what the host chooses, unless it is bound. `would-block`: ask again. Several calls may ask at one time. */
  bindImplicitly(): Outcome {
    const { inner } = this;
    const finished = inner.finishBind();
    if (finished !== 'not-in-progress' || !inner.isUnbound)
      return finished === 'not-in-progress' ? undefined : finished;
    return inner.startBind(unspecified(inner.family)) ?? inner.finishBind();
  }

  /** For who waits to be bound, or for what comes in. */
  readonly arrival = { wait: (): Promise<void> | undefined => this.#waitFor('incoming') };

  /** For who waits to be bound, or until something can go out. */
  readonly departure = { wait: (): Promise<void> | undefined => this.#waitFor('outgoing') };

  /** The guest dropped its handle, or the instance ends. What was taken is sent all the same. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#context.forget(this);
    this.#context.host.meter.closeHandle();
    this.#streams?.incoming.close();
    this.#streams?.outgoing.close();
    this.inner.close();
  }

  #waitFor(way: 'incoming' | 'outgoing'): Promise<void> | undefined {
    return this.inner.wait() ?? this.#streams?.[way].wait();
  }
}
