import type { Socket } from 'node:net';
import type { StreamCause } from '../../virtual/io/streams.ts';
import type { NetworkError } from '../../virtual/network/network-error.ts';
import type { SocketAddress } from '../../virtual/network/socket-address.ts';
import type { TcpConnection } from '../../virtual/network/stack.ts';
import { milliseconds } from './durations.ts';
import type { Ends } from './ends.ts';
import { socketErrorOf } from './network-failure.ts';
import { socketAddressOf } from './socket-addresses.ts';
import { StreamInput } from './stream-input.ts';
import { StreamOutput } from './stream-output.ts';

/** How long a closed connection may go on sending what was written, in milliseconds: its peer may never take it. */
const LINGER = 10_000;

/** How many of them a stack has at most: no limit of the guest's counts them any more. */
const MAX_LINGERING = 32;

/** A connected socket. It is one of the stack's until it is closed on both sides. */
export class SocketConnection implements TcpConnection {
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly input: StreamInput;
  readonly output: StreamOutput;
  readonly #socket: Socket;
  readonly #ends: Ends;
  #linger: ReturnType<typeof setTimeout> | undefined;

  /** @param socket connected, made with allowHalfOpen */
  constructor(socket: Socket, ends: Ends) {
    this.#socket = socket;
    this.#ends = ends;
    this.local = socketAddressOf(socket.localAddress, socket.localPort);
    this.remote = socketAddressOf(socket.remoteAddress, socket.remotePort);
    this.input = new StreamInput(socket, () => this.#drain());
    this.output = new StreamOutput(socket, () => this.endOutput());
    socket.on('error', (error) => this.#fail(socketErrorOf(error)));
    socket.once('close', () => this.#onClose());
    ends.add(this.#destroy);
  }

  setKeepAlive(enabled: boolean, idle: number): void {
    // The system counts in seconds; 0 would leave what it was.
    this.#socket.setKeepAlive(enabled, Math.max(1000, milliseconds(idle)));
  }

  endOutput(): void {
    this.output.end();
    this.#socket.end();
  }

  endInput(): void {
    this.input.close();
  }

  close(): void {
    if (this.#socket.destroyed || this.#linger !== undefined) return;
    this.input.close();
    this.output.end();
    if (this.#ends.lingering >= MAX_LINGERING) return this.#destroy();
    this.#ends.lingering++;
    this.#linger = setTimeout(this.#destroy, LINGER);
    this.#socket.destroySoon();
  }

  destroy(): void {
    this.#destroy();
  }

  readonly #destroy = (): void => {
    this.input.close();
    this.output.end();
    this.#socket.destroy();
    this.#release();
  };

  /** Reads on and forgets, so that the peer is not held up and its end is seen. */
  #drain(): void {
    if (!this.#socket.destroyed) this.#socket.resume();
  }

  #fail(error: NetworkError): void {
    const cause: StreamCause = { kind: 'network', error };
    this.input.fail(cause);
    this.output.fail(cause);
  }

  #onClose(): void {
    // A connection that ended well has told its input so, and nothing can be written any more.
    this.#fail('connection-aborted');
    this.#release();
  }

  #release(): void {
    this.#ends.delete(this.#destroy);
    if (this.#linger === undefined) return;
    clearTimeout(this.#linger);
    this.#linger = undefined;
    this.#ends.lingering--;
  }
}
