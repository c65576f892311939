import { request as requestOf } from 'node:http';
import { request as secureRequestOf } from 'node:https';
import { connect, isIPv6, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext } from 'node:tls';
import { BindingError } from '../../errors.ts';
import type { HttpProxy } from '../../virtual/machine.ts';
import { HttpFailure } from '../../virtual/network/stack.ts';
import { MAX_HEADER_BYTES } from './http-errors.ts';

/** Where one request goes: to this address, and to no name. */
export interface Dial {
  readonly address: string;
  readonly port: number;
  /** undefined: without TLS. */
  readonly tls: { readonly servername: string; readonly context: SecureContext } | undefined;
  /** Tells when bytes can be sent. */
  readonly onConnected: () => void;
  /** Ends a connection that is being made and that nobody has yet. */
  cancel: (() => void) | undefined;
}

type OnSocket = (error: Error | null, socket?: Socket) => void;

/** Connects straight to the address. */
export function dialDirect(dial: Dial): Socket {
  const { address, port } = dial;
  if (dial.tls !== undefined) return secured(dial, { port });
  const socket = connect({ host: address, port, autoSelectFamily: false, noDelay: true });
  socket.once('connect', dial.onConnected);
  return socket;
}

/** An embedder's proxy as it is used. */
export interface Tunnels {
  open(dial: Dial, onSocket: OnSocket): void;
}

/** @throws BindingError BW_BINDING_PROXY */
export function tunnelsThrough(proxy: HttpProxy): Tunnels {
  const url = URL.parse(proxy.url);
  if (
    url === null ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.username !== '' ||
    url.password !== ''
  ) {
    // Without the URL: people put passwords into it.
    throw new BindingError('BW_BINDING_PROXY', 'The proxy’s url cannot be used; expected http://HOST:PORT.', {
      hint: 'Credentials go into proxy.authorization, the value of Proxy-Authorization.',
    });
  }
  return { open: (dial, onSocket) => openTunnel(url, proxy.authorization, dial, onSocket) };
}

/** Asks the proxy for the address that was decided: it does not get to look a name up. RFC 9110, 9.3.6 */
function openTunnel(url: URL, authorization: string | undefined, dial: Dial, onSocket: OnSocket): void {
  const authority = `${isIPv6(dial.address) ? `[${dial.address}]` : dial.address}:${dial.port}`;
  const request = (url.protocol === 'https:' ? secureRequestOf : requestOf)({
    method: 'CONNECT',
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port || (url.protocol === 'https:' ? 443 : 80),
    path: authority,
    headers: ['Host', authority].concat(
      authorization === undefined ? [] : ['Proxy-Authorization', authorization],
    ),
    agent: false,
    maxHeaderSize: MAX_HEADER_BYTES,
    insecureHTTPParser: false,
    rejectUnauthorized: true,
  });
  dial.cancel = () => request.destroy();
  request.once('connect', ({ statusCode = 0 }, socket: Socket, head: Buffer) => {
    dial.cancel = undefined;
    // Whoever speaks before it was asked is no server of HTTP, nor of TLS.
    if (statusCode < 200 || statusCode > 299 || head.length > 0) {
      socket.destroy();
      onSocket(
        new HttpFailure({ tag: statusCode === 407 ? 'configuration-error' : 'destination-unavailable' }),
      );
      return;
    }
    if (dial.tls !== undefined) return onSocket(null, secured(dial, { socket }));
    dial.onConnected();
    onSocket(null, socket);
  });
  // What is wrong with the proxy is not the guest's to know.
  request.once('error', () => onSocket(new HttpFailure({ tag: 'destination-unavailable' })));
  request.end();
}

function secured(dial: Dial, to: { readonly port: number } | { readonly socket: Socket }): Socket {
  const { servername = '', context } = dial.tls ?? {};
  const socket = connectTls({
    ...to,
    // The certificate is checked against the name, or against the address where the URL has one.
    host: dial.address,
    servername,
    ...(context !== undefined && { secureContext: context }),
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: true,
  });
  socket.setNoDelay(true);
  socket.once('secureConnect', dial.onConnected);
  return socket;
}
