import type { IpAddress } from '../../policy/address/ip-address.ts';
import type { InputStream, OutputStream } from '../io/streams.ts';
import type { NetworkError } from './network-error.ts';
import type { AddressFamily, SocketAddress } from './socket-address.ts';

/**
 * Sockets and names of one instance, with the semantics of wasi:sockets, WASI-version-neutral. Nothing is granted by having
 * it: each use is decided by the instance's egress rules. Methods answer an error where a string comes back; where one would
 * wait, they answer `would-block`, and `ready` and `wait` tell when it is worth asking again.
 */
export interface Network {
  createTcpSocket(family: AddressFamily): TcpSocket | NetworkError;
  createUdpSocket(family: AddressFamily): UdpSocket | NetworkError;
  /** @param name as the guest wrote it: a name or an address */
  resolveAddresses(name: string): NameLookup | NetworkError;
  /** Ends everything that is open. */
  closeAll(): void;
}

/** Something that a guest can wait for. */
export interface Waitable {
  ready(): boolean;
  /** Settles when `ready()`; undefined when it is ready now. Never rejects. */
  wait(): Promise<void> | undefined;
}

export interface NameLookup extends Waitable {
  /** @returns undefined after the last one */
  next(): IpAddress | NetworkError | undefined;
  close(): void;
}

/** Both directions of a connection. */
export interface StreamPair {
  readonly input: InputStream;
  readonly output: OutputStream;
}

export interface Accepted extends StreamPair {
  readonly socket: TcpSocket;
}

/** undefined: done. */
export type Outcome = NetworkError | undefined;

/** The state machine of https://github.com/WebAssembly/wasi-sockets/blob/v0.2.6/TcpSocketOperationalSemantics.md */
export interface TcpSocket extends Waitable {
  readonly family: AddressFamily;
  startBind(local: SocketAddress): Outcome;
  finishBind(): Outcome;
  startConnect(remote: SocketAddress): Outcome;
  finishConnect(): StreamPair | NetworkError;
  startListen(): Outcome;
  finishListen(): Outcome;
  accept(): Accepted | NetworkError;
  /**
   * The same for who takes connections as a stream, which has no place for errors: those that pass are waited for, those that
   * stay end it. Who comes faster than the rule's rate allows is sent away.
   *
   * @returns `would-block`: wait; `closed`: nobody is let in any more
   */
  acceptNext(): Accepted | 'would-block' | 'closed';
  localAddress(): SocketAddress | NetworkError;
  remoteAddress(): SocketAddress | NetworkError;
  readonly isListening: boolean;
  setListenBacklogSize(size: bigint): Outcome;
  getOption(option: TcpOption): bigint | boolean | NetworkError;
  setOption(option: TcpOption, value: bigint | boolean): Outcome;
  shutdown(which: 'receive' | 'send' | 'both'): Outcome;
  /** Neither bound, nor is anything in progress. */
  readonly isUnbound: boolean;
  /** Nobody waits any more for what is in progress: it ends at once, and the socket is closed. */
  abandon(): void;
  close(): void;
}

/** Durations in nanoseconds, sizes in bytes. */
export type TcpOption =
  | 'keep-alive-enabled'
  | 'keep-alive-idle-time'
  | 'keep-alive-interval'
  | 'keep-alive-count'
  | 'hop-limit'
  | 'receive-buffer-size'
  | 'send-buffer-size';

/** https://github.com/WebAssembly/wasi-sockets/blob/v0.2.6/UdpSocketOperationalSemantics.md */
export interface UdpSocket extends Waitable {
  readonly family: AddressFamily;
  startBind(local: SocketAddress): Outcome;
  finishBind(): Outcome;
  /** Replaces the streams that were given before. @param remote undefined: any peer */
  stream(remote: SocketAddress | undefined): DatagramStreams | NetworkError;
  localAddress(): SocketAddress | NetworkError;
  remoteAddress(): SocketAddress | NetworkError;
  getOption(option: UdpOption): bigint | NetworkError;
  setOption(option: UdpOption, value: bigint): Outcome;
  readonly isUnbound: boolean;
  /** Nobody waits any more for the binding that is in progress: it ends at once, and the socket is closed. */
  abandon(): void;
  close(): void;
}

export type UdpOption = 'unicast-hop-limit' | 'receive-buffer-size' | 'send-buffer-size';

export interface DatagramStreams {
  readonly incoming: IncomingDatagrams;
  readonly outgoing: OutgoingDatagrams;
}

export interface IncomingDatagrams extends Waitable {
  /** @returns those that are there, none when there are none */
  receive(
    max: number,
  ): readonly { readonly bytes: Uint8Array; readonly remote: SocketAddress }[] | NetworkError;
  close(): void;
}

/** The system has taken a datagram, or why it has not. */
export type OnSent = (outcome: Outcome) => void;

export interface OutgoingDatagrams extends Waitable {
  /** @returns how many datagrams `send` takes now; 0: wait */
  checkSend(): number | NetworkError;
  /**
   * Sends one of those that `checkSend` allowed. The bytes are copied.
   *
   * @param remote undefined: that of the stream
   * @param onSent called later with what became of it, if this returned undefined; without it, `checkSend` tells
   */
  send(bytes: Uint8Array, remote: SocketAddress | undefined, onSent?: OnSent): Outcome;
  close(): void;
}
