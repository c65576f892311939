import type { TcpOption } from '../../../src/virtual/network/network.ts';
import type { AddressFamily } from '../../../src/virtual/network/socket-address.ts';
import type { Pollable } from '../io/poll.ts';
import { StreamPollable } from '../io/pollable.ts';
import type { InputStream, OutputStream } from '../io/streams.ts';
import { PlainResource } from '../plain/resource.ts';
import { fromPlain, type PlainSocketAddress, toPlain } from '../../socket-addresses.ts';
import type { Network } from './network.ts';
import { check, throwError, unwrap } from './results.ts';
import { accept, finishConnect } from './socket-operations.ts';

export type ShutdownType = 'receive' | 'send' | 'both';

/** The plain form of wasi:sockets/tcp; tcp-lowerings.ts has the same functions lowered. */
export class TcpSocket extends PlainResource<'tcp-socket'> {
  // start-bind: func(network: borrow<network>, local-address: ip-socket-address) -> result<_, error-code>
  startBind(network: Network, localAddress: PlainSocketAddress): void {
    void network.target;
    check(this.target.startBind(fromPlain(localAddress)));
  }

  // finish-bind: func() -> result<_, error-code>
  finishBind(): void {
    check(this.target.finishBind());
  }

  // start-connect: func(network: borrow<network>, remote-address: ip-socket-address) -> result<_, error-code>
  startConnect(network: Network, remoteAddress: PlainSocketAddress): void {
    void network.target;
    check(this.target.startConnect(fromPlain(remoteAddress)));
  }

  // finish-connect: func() -> result<tuple<input-stream, output-stream>, error-code>
  finishConnect(): [InputStream, OutputStream] {
    const { bindings, target } = this;
    const { input, output } = unwrap(finishConnect(bindings.context, target));
    return [bindings.make('input-stream', input), bindings.make('output-stream', output)];
  }

  // start-listen: func() -> result<_, error-code>
  startListen(): void {
    check(this.target.startListen());
  }

  // finish-listen: func() -> result<_, error-code>
  finishListen(): void {
    check(this.target.finishListen());
  }

  // accept: func() -> result<tuple<tcp-socket, input-stream, output-stream>, error-code>
  accept(): [TcpSocket, InputStream, OutputStream] {
    const { bindings, target } = this;
    const { socket, input, output } = unwrap(accept(bindings.context, target));
    const made = bindings.make('tcp-socket', socket);
    return [made, bindings.make('input-stream', input), bindings.make('output-stream', output)];
  }

  // local-address: func() -> result<ip-socket-address, error-code>
  localAddress(): PlainSocketAddress {
    return toPlain(unwrap(this.target.localAddress()));
  }

  // remote-address: func() -> result<ip-socket-address, error-code>
  remoteAddress(): PlainSocketAddress {
    return toPlain(unwrap(this.target.remoteAddress()));
  }

  // is-listening: func() -> bool
  isListening(): boolean {
    return this.target.isListening;
  }

  // address-family: func() -> ip-address-family
  addressFamily(): AddressFamily {
    return this.target.family;
  }

  // set-listen-backlog-size: func(value: u64) -> result<_, error-code>
  setListenBacklogSize(value: bigint): void {
    check(this.target.setListenBacklogSize(value));
  }

  // keep-alive-enabled: func() -> result<bool, error-code>
  keepAliveEnabled(): boolean {
    return Boolean(option(this, 'keep-alive-enabled'));
  }

  // set-keep-alive-enabled: func(value: bool) -> result<_, error-code>
  setKeepAliveEnabled(value: boolean): void {
    check(this.target.setOption('keep-alive-enabled', value));
  }

  // keep-alive-idle-time: func() -> result<duration, error-code>
  keepAliveIdleTime(): bigint {
    return BigInt(option(this, 'keep-alive-idle-time'));
  }

  // set-keep-alive-idle-time: func(value: duration) -> result<_, error-code>
  setKeepAliveIdleTime(value: bigint): void {
    check(this.target.setOption('keep-alive-idle-time', value));
  }

  // keep-alive-interval: func() -> result<duration, error-code>
  keepAliveInterval(): bigint {
    return BigInt(option(this, 'keep-alive-interval'));
  }

  // set-keep-alive-interval: func(value: duration) -> result<_, error-code>
  setKeepAliveInterval(value: bigint): void {
    check(this.target.setOption('keep-alive-interval', value));
  }

  // keep-alive-count: func() -> result<u32, error-code>
  keepAliveCount(): number {
    return Number(option(this, 'keep-alive-count'));
  }

  // set-keep-alive-count: func(value: u32) -> result<_, error-code>
  setKeepAliveCount(value: number): void {
    check(this.target.setOption('keep-alive-count', BigInt(value)));
  }

  // hop-limit: func() -> result<u8, error-code>
  hopLimit(): number {
    return Number(option(this, 'hop-limit'));
  }

  // set-hop-limit: func(value: u8) -> result<_, error-code>
  setHopLimit(value: number): void {
    check(this.target.setOption('hop-limit', BigInt(value)));
  }

  // receive-buffer-size: func() -> result<u64, error-code>
  receiveBufferSize(): bigint {
    return BigInt(option(this, 'receive-buffer-size'));
  }

  // set-receive-buffer-size: func(value: u64) -> result<_, error-code>
  setReceiveBufferSize(value: bigint): void {
    check(this.target.setOption('receive-buffer-size', value));
  }

  // send-buffer-size: func() -> result<u64, error-code>
  sendBufferSize(): bigint {
    return BigInt(option(this, 'send-buffer-size'));
  }

  // set-send-buffer-size: func(value: u64) -> result<_, error-code>
  setSendBufferSize(value: bigint): void {
    check(this.target.setOption('send-buffer-size', value));
  }

  // subscribe: func() -> pollable
  subscribe(): Pollable {
    this.bindings.context.takeHandle('tcp-connect', 'pollable');
    return this.bindings.make('pollable', new StreamPollable(this.target));
  }

  // shutdown: func(shutdown-type: shutdown-type) -> result<_, error-code>
  shutdown(which: ShutdownType): void {
    check(this.target.shutdown(which));
  }
}

function option({ target }: TcpSocket, name: TcpOption): bigint | boolean {
  const value = target.getOption(name);
  return typeof value === 'string' ? throwError(value) : value;
}
