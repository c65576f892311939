import type { Resource } from '../abi/resources.ts';
import { TerminalInput } from '../cli/terminal-input.ts';
import { TerminalOutput } from '../cli/terminal-output.ts';
import { Descriptor, DirectoryEntryStream } from '../filesystem/types.ts';
import { Fields } from '../http/fields.ts';
import { FutureIncomingResponse } from '../http/future-incoming-response.ts';
import { FutureTrailers } from '../http/future-trailers.ts';
import { IncomingBody } from '../http/incoming-body.ts';
import { IncomingRequest } from '../http/incoming-request.ts';
import { IncomingResponse } from '../http/incoming-response.ts';
import { OutgoingBody } from '../http/outgoing-body.ts';
import { OutgoingResponse } from '../http/outgoing-response.ts';
import { ResponseOutparam } from '../http/response-outparam.ts';
import { OutgoingRequest } from '../http/outgoing-request.ts';
import { RequestOptions } from '../http/request-options.ts';
import { Error } from '../io/error.ts';
import { Pollable } from '../io/poll.ts';
import { InputStream, OutputStream } from '../io/streams.ts';
import { ResolveAddressStream } from '../sockets/ip-name-lookup.ts';
import { Network } from '../sockets/network.ts';
import { TcpSocket } from '../sockets/tcp.ts';
import { IncomingDatagramStream, OutgoingDatagramStream, UdpSocket } from '../sockets/udp.ts';
import type { PlainResource } from './resource.ts';

export type ResourceClass = new (...args: never[]) => PlainResource<Resource>;

/** The class of each resource type, and the name that jco's bindings know it by. */
export const CLASSES: Readonly<Record<Resource, readonly [name: string, base: ResourceClass]>> = {
  error: ['Error', Error],
  pollable: ['Pollable', Pollable],
  'input-stream': ['InputStream', InputStream],
  'output-stream': ['OutputStream', OutputStream],
  descriptor: ['Descriptor', Descriptor],
  'directory-entry-stream': ['DirectoryEntryStream', DirectoryEntryStream],
  'terminal-input': ['TerminalInput', TerminalInput],
  'terminal-output': ['TerminalOutput', TerminalOutput],
  network: ['Network', Network],
  'resolve-address-stream': ['ResolveAddressStream', ResolveAddressStream],
  'tcp-socket': ['TcpSocket', TcpSocket],
  'udp-socket': ['UdpSocket', UdpSocket],
  'incoming-datagram-stream': ['IncomingDatagramStream', IncomingDatagramStream],
  'outgoing-datagram-stream': ['OutgoingDatagramStream', OutgoingDatagramStream],
  fields: ['Fields', Fields],
  'outgoing-request': ['OutgoingRequest', OutgoingRequest],
  'outgoing-body': ['OutgoingBody', OutgoingBody],
  'request-options': ['RequestOptions', RequestOptions],
  'incoming-request': ['IncomingRequest', IncomingRequest],
  'response-outparam': ['ResponseOutparam', ResponseOutparam],
  'incoming-response': ['IncomingResponse', IncomingResponse],
  'incoming-body': ['IncomingBody', IncomingBody],
  'future-trailers': ['FutureTrailers', FutureTrailers],
  'outgoing-response': ['OutgoingResponse', OutgoingResponse],
  'future-incoming-response': ['FutureIncomingResponse', FutureIncomingResponse],
};
