import type { Resource, ResourceTypes } from '../abi/resources.ts';
import type { Context } from '../context.ts';
import type { Descriptor } from '../filesystem/descriptor.ts';
import type { DirectoryEntryStream } from '../filesystem/types.ts';
import type { Fields } from '../http/fields.ts';
import type { FutureIncomingResponse } from '../http/future-incoming-response.ts';
import type { FutureTrailers } from '../http/future-trailers.ts';
import type { IncomingBody } from '../http/incoming-body.ts';
import type { IncomingRequest } from '../http/incoming-request.ts';
import type { IncomingResponse } from '../http/incoming-response.ts';
import type { OutgoingBody } from '../http/outgoing-body.ts';
import type { OutgoingResponse } from '../http/outgoing-response.ts';
import type { ResponseOutparam } from '../http/response-outparam.ts';
import type { OutgoingRequest } from '../http/outgoing-request.ts';
import type { RequestOptions } from '../http/request-options.ts';
import type { Error } from '../io/error.ts';
import type { Pollable } from '../io/poll.ts';
import type { InputStream, OutputStream } from '../io/streams.ts';
import type { ResolveAddressStream } from '../sockets/ip-name-lookup.ts';
import type { Network } from '../sockets/network.ts';
import type { TcpSocket } from '../sockets/tcp.ts';
import type { IncomingDatagramStream, OutgoingDatagramStream, UdpSocket } from '../sockets/udp.ts';

/** Where jco's glue finds the rep of a resource instance; see jco's docs/src/optimized-host-bindings.md. */
export const REP: symbol = Symbol.for('cabiRep');

/** The JavaScript face of each resource type that an instance can be given. */
export interface PlainResources {
  readonly error: Error;
  readonly pollable: Pollable;
  readonly 'input-stream': InputStream;
  readonly 'output-stream': OutputStream;
  readonly descriptor: Descriptor;
  readonly 'directory-entry-stream': DirectoryEntryStream;
  readonly network: Network;
  readonly 'resolve-address-stream': ResolveAddressStream;
  readonly 'tcp-socket': TcpSocket;
  readonly 'udp-socket': UdpSocket;
  readonly 'incoming-datagram-stream': IncomingDatagramStream;
  readonly 'outgoing-datagram-stream': OutgoingDatagramStream;
  readonly fields: Fields;
  readonly 'outgoing-request': OutgoingRequest;
  readonly 'outgoing-body': OutgoingBody;
  readonly 'request-options': RequestOptions;
  readonly 'incoming-request': IncomingRequest;
  readonly 'response-outparam': ResponseOutparam;
  readonly 'incoming-response': IncomingResponse;
  readonly 'incoming-body': IncomingBody;
  readonly 'future-trailers': FutureTrailers;
  readonly 'outgoing-response': OutgoingResponse;
  readonly 'future-incoming-response': FutureIncomingResponse;
}

/** The plain JavaScript bindings of one instance. */
export interface Bindings {
  readonly context: Context;
  /** Makes the face of a resource that the guest will own. */
  make<R extends keyof PlainResources>(resource: R, item: ResourceTypes[R]): PlainResources[R];
}

/**
 * A resource as jco's JavaScript bindings see it: a face without state of its own. The glue makes some of them itself,
 * from the prototype and a rep, so everything is reached through those two, and nothing may be private by `#`.
 */
export abstract class PlainResource<R extends Resource> {
  // These two are on the prototype of each instance's own subclass; see bind.ts.
  declare readonly bindings: Bindings;
  declare readonly resource: R;

  /** The index into our table: see abi/handles.ts. */
  get rep(): number {
    return repOf(this);
  }

  /** What the resource stands for. Traps when the guest dropped it. */
  get target(): ResourceTypes[R] {
    return this.bindings.context.resources[this.resource].get(repOf(this));
  }

  /** For constructors that a guest calls: makes this the face of `item`. */
  protected standFor(item: ResourceTypes[R]): void {
    // The table of this resource takes just this type, which the compiler cannot follow through the index.
    Object.defineProperty(this, REP, {
      value: this.bindings.context.resources[this.resource].add(item as never),
    });
  }

  [Symbol.dispose](): void {
    this.bindings.context.drop(this.resource, repOf(this));
  }
}

function repOf(face: object): number {
  return (face as Record<symbol, number>)[REP] as number;
}
