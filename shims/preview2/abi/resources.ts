import type { Fields } from '../../../src/virtual/http/fields.ts';
import type { IncomingRequest } from '../../../src/virtual/http/incoming-request.ts';
import type { ResponseOutparam } from '../../../src/virtual/http/response-outparam.ts';
import type { IncomingResponse } from '../../../src/virtual/http/incoming-response.ts';
import type { IncomingBody } from '../../../src/virtual/http/incoming-body.ts';
import type { FutureTrailers } from '../../../src/virtual/http/future-trailers.ts';
import type { OutgoingResponse } from '../../../src/virtual/http/outgoing-response.ts';
import type { FutureIncomingResponse } from '../../../src/virtual/http/client.ts';
import type { OutgoingBody } from '../../../src/virtual/http/outgoing-body.ts';
import type { OutgoingRequest } from '../../../src/virtual/http/outgoing-request.ts';
import type { RequestOptions } from '../../../src/virtual/http/request-options.ts';
import type { Descriptor } from '../../../src/virtual/filesystem/descriptor.ts';
import type { InputStream, OutputStream } from '../../../src/virtual/io/streams.ts';
import type {
  IncomingDatagrams,
  NameLookup,
  TcpSocket,
  UdpSocket,
} from '../../../src/virtual/network/network.ts';
import type { DirectoryEntries } from '../../../src/virtual/filesystem/directory-entries.ts';
import type { IoError } from '../io/io-error.ts';
import type { Pollable } from '../io/pollable.ts';
import type { OutgoingDatagrams } from '../sockets/outgoing-datagrams.ts';

/** Every resource type of which a guest can have a handle, or that a lowering names, and what its handles stand for. */
export interface ResourceTypes {
  readonly error: IoError;
  readonly pollable: Pollable;
  readonly 'input-stream': InputStream;
  readonly 'output-stream': OutputStream;
  readonly descriptor: Descriptor;
  readonly 'directory-entry-stream': DirectoryEntries;
  // No instance has a terminal, so no handle of these is ever made.
  readonly 'terminal-input': object;
  readonly 'terminal-output': object;
  /** The handle alone gives nothing. */
  readonly network: object;
  readonly 'resolve-address-stream': NameLookup;
  readonly 'tcp-socket': TcpSocket;
  readonly 'udp-socket': UdpSocket;
  readonly 'incoming-datagram-stream': IncomingDatagrams;
  readonly 'outgoing-datagram-stream': OutgoingDatagrams;
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

export type Resource = keyof ResourceTypes;

/** The interface that defines each, without its version. */
export const RESOURCE_INTERFACE: Readonly<Record<Resource, string>> = {
  error: 'wasi:io/error',
  pollable: 'wasi:io/poll',
  'input-stream': 'wasi:io/streams',
  'output-stream': 'wasi:io/streams',
  descriptor: 'wasi:filesystem/types',
  'directory-entry-stream': 'wasi:filesystem/types',
  'terminal-input': 'wasi:cli/terminal-input',
  'terminal-output': 'wasi:cli/terminal-output',
  network: 'wasi:sockets/network',
  'resolve-address-stream': 'wasi:sockets/ip-name-lookup',
  'tcp-socket': 'wasi:sockets/tcp',
  'udp-socket': 'wasi:sockets/udp',
  'incoming-datagram-stream': 'wasi:sockets/udp',
  'outgoing-datagram-stream': 'wasi:sockets/udp',
  fields: 'wasi:http/types',
  'outgoing-request': 'wasi:http/types',
  'outgoing-body': 'wasi:http/types',
  'request-options': 'wasi:http/types',
  'incoming-request': 'wasi:http/types',
  'response-outparam': 'wasi:http/types',
  'incoming-response': 'wasi:http/types',
  'incoming-body': 'wasi:http/types',
  'future-trailers': 'wasi:http/types',
  'outgoing-response': 'wasi:http/types',
  'future-incoming-response': 'wasi:http/types',
};
