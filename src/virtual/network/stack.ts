import type { Permit } from '../../kernel/permit.ts';
import type { IpAddress } from '../../policy/address/ip-address.ts';
import type { HttpError } from '../http/http-error.ts';
import type { Field } from '../http/fields.ts';
import type { InputStream, OutputStream } from '../io/streams.ts';
import type { SocketAddress } from './socket-address.ts';

/**
 * A network as instances reach it: the machine's (ambient/network/) or one in memory (virtual-network.ts). It does what it
 * is told: what an instance may do was decided before, and the permit proves it. One per instance: nothing (connections,
 * TLS sessions) is shared between two of them.
 *
 * Promises reject with a NetworkFailure (an HttpFailure in `request`), and with nothing else. `signal` ends what is under
 * way.
 */
export interface NetworkStack {
  /** Nothing of the machine is behind its addresses, so none of them is special. */
  readonly isVirtual: boolean;
  /** All addresses of a name in the resolver's order, at least one. @param name as in `Host` */
  resolve(permit: Permit, name: string, signal: AbortSignal): Promise<readonly IpAddress[]>;
  connectTcp(
    permit: Permit,
    remote: SocketAddress,
    options: TcpOptions,
    signal: AbortSignal,
  ): Promise<TcpConnection>;
  /** Takes a port of this host. Port 0 gives a free one. */
  bindTcp(permit: Permit, local: SocketAddress): Promise<TcpPort>;
  bindUdp(permit: Permit, local: SocketAddress): Promise<UdpPort>;
  /** Sends the head of a request; the rest goes through the exchange. */
  request(permit: Permit, request: HttpRequestHead, signal: AbortSignal): HttpExchange;
  /** Ends every connection, idle ones too. */
  close(): void;
}

/** Of a TCP socket; undefined: the system's own. Durations in nanoseconds, sizes in bytes. */
export interface TcpOptions {
  readonly local?: SocketAddress | undefined;
  readonly keepAlive?: boolean | undefined;
  readonly keepAliveIdle?: number | undefined;
  readonly hopLimit?: number | undefined;
}

export interface TcpConnection {
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  /** Ends (closed) after the peer's last byte. A broken connection fails once, `cause` says how. */
  readonly input: InputStream;
  readonly output: OutputStream;
  setKeepAlive(enabled: boolean, idle: number): void;
  /** Sends what was written, then the end of the stream. */
  endOutput(): void;
  /** Whatever arrives from now on is dropped; the input ends. */
  endInput(): void;
  /** Sends what was written, then closes. The stack bounds how many do so at one time, and for how long. */
  close(): void;
  /** Closes at once (RST). Who waits for one of the streams wakes up. */
  destroy(): void;
}

/** A bound TCP port of this host: before `listen`, nobody is let in. */
export interface TcpPort {
  readonly local: SocketAddress;
  listen(backlog: number): Promise<void>;
  /** @returns undefined when nobody waits */
  accept(): TcpConnection | undefined;
  /** True as well when it is closed. */
  ready(): boolean;
  wait(): Promise<void> | undefined;
  /** The port is free at once; who waits wakes up. Again: nothing. */
  close(): void;
}

export interface Datagram {
  readonly bytes: Uint8Array;
  readonly remote: SocketAddress;
}

export interface UdpPort {
  readonly local: SocketAddress;
  /** Settles when the system has taken the datagram. */
  send(datagram: Datagram): Promise<void>;
  /** Puts `accept` to each datagram that arrives; what it refuses is dropped. Datagrams past a bound are dropped, as UDP does. */
  receive(accept: (datagram: Datagram) => void): void;
  setHopLimit(hops: number): void;
  /** The local address towards a peer, as far as that can be said without asking the system. */
  localFor(remote: SocketAddress): SocketAddress;
  close(): void;
}

/** A request on its way to an address that was decided. */
export interface HttpRequestHead {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** For the `Host` header and TLS: as in `Host`, formatted. */
  readonly host: string;
  readonly port: number;
  /** What is dialled; it was checked. */
  readonly address: IpAddress;
  /** Path and query. */
  readonly path: string;
  /** Without those about the connection; secrets included, so nothing of it may go to a log or an error. */
  readonly headers: readonly Field[];
  /** Bytes of the body when known. */
  readonly contentLength: number | undefined;
  readonly timeouts: HttpTimeouts;
}

/** Nanoseconds; undefined: none. */
export interface HttpTimeouts {
  readonly connect?: number | undefined;
  readonly firstByte?: number | undefined;
  readonly betweenBytes?: number | undefined;
  readonly total?: number | undefined;
}

/** One request and its response. */
export interface HttpExchange {
  /** Takes the request's body. */
  readonly body: OutputStream;
  /** Ends the body. */
  finishBody(trailers: readonly Field[]): void;
  /** Settles with the head of the response. Rejects with an HttpFailure. */
  readonly response: Promise<HttpResponseHead>;
  /** Ends it, and its connection. */
  abort(): void;
}

export interface HttpResponseHead {
  readonly status: number;
  readonly headers: readonly Field[];
  /** When it fails, `cause` is the HttpError. */
  readonly body: InputStream;
  /** Settles after the body's end; undefined: there are none. */
  readonly trailers: Promise<readonly Field[] | undefined>;
}

/** Why an exchange failed, as a guest is told. Nothing of the host is in its message. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';
  readonly error: HttpError;

  constructor(error: HttpError) {
    super(error.tag);
    this.error = error;
  }
}
