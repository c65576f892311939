import { unreachableClass } from '../plain/unreachable.ts';

// wasi:sockets/udp. No socket is ever made.

export const UdpSocket: new () => object = unreachableClass('udp-socket', {
  methods: [
    'startBind',
    'finishBind',
    'stream',
    'localAddress',
    'remoteAddress',
    'addressFamily',
    'unicastHopLimit',
    'setUnicastHopLimit',
    'receiveBufferSize',
    'setReceiveBufferSize',
    'sendBufferSize',
    'setSendBufferSize',
    'subscribe',
  ],
});

export const IncomingDatagramStream: new () => object = unreachableClass('incoming-datagram-stream', {
  methods: ['receive', 'subscribe'],
});

export const OutgoingDatagramStream: new () => object = unreachableClass('outgoing-datagram-stream', {
  methods: ['checkSend', 'send', 'subscribe'],
});
