import { Pipe } from '../io/pipe.ts';
import { type InputStream, type OutputStream, type StreamCause, StreamStatus } from '../io/streams.ts';
import { drain } from './drain.ts';
import { NetworkFailure } from './network-error.ts';
import type { OpenEnds } from './open-ends.ts';
import { Signals, waitUntil } from './signals.ts';
import type { SocketAddress } from './socket-address.ts';
import type { TcpConnection, TcpPort } from './stack.ts';
import type { Turns } from './turns.ts';
import type { VirtualNode } from './virtual-node.ts';

const RESET: StreamCause = { kind: 'network', error: 'connection-reset' };

/** A TCP port of a host in memory. */
export class VirtualTcpPort implements TcpPort {
  readonly local: SocketAddress;
  readonly #node: VirtualNode;
  readonly #ends: OpenEnds;
  readonly #turns: Turns;
  readonly #changes = new Signals();
  readonly #queue: TcpConnection[] = [];
  readonly #forget: () => void;
  #backlog = 0;
  #closed = false;

  /** @param ends of the stack that it belongs to */
  constructor(node: VirtualNode, local: SocketAddress, ends: OpenEnds, turns: Turns) {
    this.local = local;
    this.#node = node;
    this.#ends = ends;
    this.#turns = turns;
    node.tcp.add(this);
    this.#forget = ends.add(() => this.close());
  }

  listen(backlog: number): Promise<void> {
    if (this.#closed) return Promise.reject(new NetworkFailure('invalid-state'));
    this.#backlog = backlog;
    return Promise.resolve();
  }

  /** Somebody connects. @throws NetworkFailure when nobody listens, or too many wait */
  connect(from: SocketAddress, to: SocketAddress, ends: OpenEnds): TcpConnection {
    if (this.#queue.length >= this.#backlog) throw new NetworkFailure('connection-refused');
    const there = new Pipe();
    const back = new Pipe();
    this.#queue.push(new VirtualConnection([to, from], there, back, this.#ends, this.#turns));
    this.#changes.wake();
    return new VirtualConnection([from, to], back, there, ends, this.#turns);
  }

  accept(): TcpConnection | undefined {
    return this.#queue.shift();
  }

  ready(): boolean {
    return this.#queue.length > 0 || this.#closed;
  }

  wait(): Promise<void> | undefined {
    const waiting = waitUntil(this.#changes, () => this.ready());
    return waiting && this.#turns.after(waiting);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#backlog = 0;
    this.#node.tcp.delete(this);
    this.#forget();
    for (const connection of this.#queue.splice(0)) connection.destroy();
    this.#changes.wake();
  }
}

/** One end of a connection: two pipes between the ends. */
class VirtualConnection implements TcpConnection {
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly input: Incoming;
  readonly output: OutputStream;
  readonly #incoming: Pipe;
  readonly #outgoing: Pipe;
  readonly #forget: () => void;

  constructor(
    [local, remote]: readonly [SocketAddress, SocketAddress],
    incoming: Pipe,
    outgoing: Pipe,
    ends: OpenEnds,
    turns: Turns,
  ) {
    this.local = local;
    this.remote = remote;
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.input = new Incoming(incoming.input, turns);
    this.output = turning(outgoing.output, turns);
    this.#forget = ends.add(() => this.destroy());
  }

  setKeepAlive(): void {
    // The other end is in this process: there is nothing between them that could fail.
  }

  endOutput(): void {
    this.#outgoing.end();
  }

  /** The other end is not told, as in TCP: what it writes goes nowhere. */
  endInput(): void {
    this.input.end();
    void drain(this.#incoming);
  }

  close(): void {
    this.#forget();
    this.#outgoing.end();
    this.#incoming.abandon(RESET);
  }

  destroy(): void {
    this.#forget();
    this.#outgoing.end(RESET);
    this.#incoming.abandon(RESET);
  }
}

/** What comes in, until the reader wants no more of it. */
class Incoming implements InputStream {
  readonly failure = 0;
  readonly #inner: InputStream;
  readonly #turns: Turns;
  #ended = false;
  #waiting: PromiseWithResolvers<void> | undefined;

  constructor(inner: InputStream, turns: Turns) {
    this.#inner = inner;
    this.#turns = turns;
  }

  get cause(): StreamCause | undefined {
    return this.#inner.cause;
  }

  readInto(target: Uint8Array, offset: number, length: number): number {
    return this.#ended ? StreamStatus.closed : this.#inner.readInto(target, offset, length);
  }

  ready(): boolean {
    return this.#ended || this.#inner.ready();
  }

  wait(): Promise<void> | undefined {
    if (this.ready()) return undefined;
    if (this.#waiting !== undefined) return this.#waiting.promise;
    const waiting = Promise.withResolvers<void>();
    this.#waiting = waiting;
    const arrival = this.#inner.wait() ?? Promise.resolve();
    void this.#turns.after(arrival).then(() => {
      this.#waiting = undefined;
      waiting.resolve();
    });
    return waiting.promise;
  }

  /** Who waits wakes up. */
  end(): void {
    this.#ended = true;
    this.#waiting?.resolve();
  }

  close(): void {
    this.#inner.close();
  }
}

/**
 * The same stream, whose waits let the event loop come round. What was written is on its way, as with a socket of the system:
 * a flush does not wait for the peer to read it.
 */
function turning(stream: OutputStream, turns: Turns): OutputStream {
  stream.flush = () => Math.min(0, stream.checkWrite());
  const wait = stream.wait.bind(stream);
  stream.wait = () => {
    const waiting = wait();
    return waiting && turns.after(waiting);
  };
  return stream;
}
