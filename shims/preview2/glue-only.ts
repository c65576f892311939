import type { Lowerings } from './abi/lowering.ts';
import { fieldsBounds } from './http/fields.ts';
import { outgoingHandler } from './http/outgoing-handler.ts';
import { httpTypes } from './http/types.ts';
import type { Bindings } from './plain/resource.ts';
import { instanceNetwork } from './sockets/instance-network.ts';
import { ipNameLookup, ResolveAddressStream } from './sockets/ip-name-lookup.ts';
import { TcpSocket } from './sockets/tcp.ts';
import { tcpCreateSocket } from './sockets/tcp-create-socket.ts';
import { IncomingDatagramStream, OutgoingDatagramStream, UdpSocket } from './sockets/udp.ts';
import { udpCreateSocket } from './sockets/udp-create-socket.ts';

/** An interface in plain form. */
export interface GlueOnlyInterface {
  /** In jco's spelling; each takes the bindings of its instance first. */
  readonly functions: Readonly<Record<string, (bindings: Bindings, ...args: never[]) => unknown>>;
  /** Classes of which no instance is ever made. Those with instances are in plain/classes.ts. */
  readonly classes: Readonly<Record<string, new () => object>>;
  /** Not for speed: they bound what is copied out of a guest. */
  readonly lowerings: Lowerings;
}

/**
 * The packages wasi:sockets and wasi:http, by interface without its version. They are served through jco's glue alone:
 * every request is denied, so nothing in them is hot, and a component that imports them gets no link plan.
 */
export const GLUE_ONLY: ReadonlyMap<string, GlueOnlyInterface> = new Map([
  entry('wasi:http/outgoing-handler', { ...outgoingHandler }),
  entry('wasi:http/types', { ...httpTypes }, {}, fieldsBounds),
  entry('wasi:sockets/instance-network', { ...instanceNetwork }),
  entry('wasi:sockets/ip-name-lookup', { ...ipNameLookup }, { ResolveAddressStream }),
  entry('wasi:sockets/network', {}),
  entry('wasi:sockets/tcp', {}, { TcpSocket }),
  entry('wasi:sockets/tcp-create-socket', { ...tcpCreateSocket }),
  entry('wasi:sockets/udp', {}, { IncomingDatagramStream, OutgoingDatagramStream, UdpSocket }),
  entry('wasi:sockets/udp-create-socket', { ...udpCreateSocket }),
]);

function entry(
  name: string,
  functions: GlueOnlyInterface['functions'],
  classes: GlueOnlyInterface['classes'] = {},
  lowerings: Lowerings = {},
): [string, GlueOnlyInterface] {
  return [name, { functions, classes, lowerings }];
}
