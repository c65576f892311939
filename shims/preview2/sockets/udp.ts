import type { UdpOption } from '../../../src/virtual/network/network.ts';
import type { AddressFamily } from '../../../src/virtual/network/socket-address.ts';
import type { Pollable } from '../io/poll.ts';
import { StreamPollable } from '../io/pollable.ts';
import { PlainResource } from '../plain/resource.ts';
import { fromPlain, type PlainSocketAddress, toPlain } from '../../socket-addresses.ts';
import { maxResults } from './datagram-lowerings.ts';
import type { Network } from './network.ts';
import { check, throwError, unwrap } from './results.ts';
import { streamDatagrams } from './socket-operations.ts';

/** The plain form of wasi:sockets/udp; udp-lowerings.ts and datagram-lowerings.ts have the same functions lowered. */
export class UdpSocket extends PlainResource<'udp-socket'> {
  // start-bind: func(network: borrow<network>, local-address: ip-socket-address) -> result<_, error-code>
  startBind(network: Network, localAddress: PlainSocketAddress): void {
    void network.target;
    check(this.target.startBind(fromPlain(localAddress)));
  }

  // finish-bind: func() -> result<_, error-code>
  finishBind(): void {
    check(this.target.finishBind());
  }

  // stream: func(remote-address: option<ip-socket-address>) -> result<tuple<incoming-datagram-stream, outgoing-datagram-stream>, error-code>
  stream(remoteAddress: PlainSocketAddress | undefined): [IncomingDatagramStream, OutgoingDatagramStream] {
    const { bindings, target } = this;
    const remote = remoteAddress && fromPlain(remoteAddress);
    const { incoming, outgoing } = unwrap(streamDatagrams(bindings.context, target, remote));
    return [
      bindings.make('incoming-datagram-stream', incoming),
      bindings.make('outgoing-datagram-stream', outgoing),
    ];
  }

  // local-address: func() -> result<ip-socket-address, error-code>
  localAddress(): PlainSocketAddress {
    return toPlain(unwrap(this.target.localAddress()));
  }

  // remote-address: func() -> result<ip-socket-address, error-code>
  remoteAddress(): PlainSocketAddress {
    return toPlain(unwrap(this.target.remoteAddress()));
  }

  // address-family: func() -> ip-address-family
  addressFamily(): AddressFamily {
    return this.target.family;
  }

  // unicast-hop-limit: func() -> result<u8, error-code>
  unicastHopLimit(): number {
    return Number(option(this, 'unicast-hop-limit'));
  }

  // set-unicast-hop-limit: func(value: u8) -> result<_, error-code>
  setUnicastHopLimit(value: number): void {
    check(this.target.setOption('unicast-hop-limit', BigInt(value)));
  }

  // receive-buffer-size: func() -> result<u64, error-code>
  receiveBufferSize(): bigint {
    return option(this, 'receive-buffer-size');
  }

  // set-receive-buffer-size: func(value: u64) -> result<_, error-code>
  setReceiveBufferSize(value: bigint): void {
    check(this.target.setOption('receive-buffer-size', value));
  }

  // send-buffer-size: func() -> result<u64, error-code>
  sendBufferSize(): bigint {
    return option(this, 'send-buffer-size');
  }

  // set-send-buffer-size: func(value: u64) -> result<_, error-code>
  setSendBufferSize(value: bigint): void {
    check(this.target.setOption('send-buffer-size', value));
  }

  // subscribe: func() -> pollable
  subscribe(): Pollable {
    this.bindings.context.takeHandle('udp-bind', 'pollable');
    return this.bindings.make('pollable', new StreamPollable(this.target));
  }
}

export interface PlainIncomingDatagram {
  readonly data: Uint8Array;
  readonly remoteAddress: PlainSocketAddress;
}

export class IncomingDatagramStream extends PlainResource<'incoming-datagram-stream'> {
  // receive: func(max-results: u64) -> result<list<incoming-datagram>, error-code>
  receive(max: bigint): PlainIncomingDatagram[] {
    const datagrams = this.target.receive(maxResults(max));
    if (typeof datagrams === 'string') throwError(datagrams);
    return datagrams.map(({ bytes, remote }) => ({ data: bytes, remoteAddress: toPlain(remote) }));
  }

  // subscribe: func() -> pollable
  subscribe(): Pollable {
    this.bindings.context.takeHandle('udp-receive', 'pollable');
    return this.bindings.make('pollable', new StreamPollable(this.target));
  }
}

export interface PlainOutgoingDatagram {
  readonly data: Uint8Array;
  readonly remoteAddress?: PlainSocketAddress;
}

export class OutgoingDatagramStream extends PlainResource<'outgoing-datagram-stream'> {
  // check-send: func() -> result<u64, error-code>
  checkSend(): bigint {
    const count = this.target.checkSend();
    return BigInt(typeof count === 'string' ? throwError(count) : count);
  }

  // send: func(datagrams: list<outgoing-datagram>) -> result<u64, error-code>
  send(datagrams: readonly PlainOutgoingDatagram[]): bigint {
    this.target.permit(datagrams.length);
    const sent = this.target.sendEach(datagrams.length, (stream, index) => {
      const { data, remoteAddress } = datagrams[index] as PlainOutgoingDatagram;
      return stream.send(data, remoteAddress && fromPlain(remoteAddress));
    });
    return BigInt(typeof sent === 'string' ? throwError(sent) : sent);
  }

  // subscribe: func() -> pollable
  subscribe(): Pollable {
    this.bindings.context.takeHandle('udp-send', 'pollable');
    return this.bindings.make('pollable', new StreamPollable(this.target));
  }
}

function option({ target }: UdpSocket, name: UdpOption): bigint {
  const value = target.getOption(name);
  return typeof value === 'string' ? throwError(value) : value;
}
