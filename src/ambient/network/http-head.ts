import { parseIpAddress } from '../../policy/address/ip-address.ts';
import type { Field } from '../../virtual/http/fields.ts';
import type { HttpError } from '../../virtual/http/http-error.ts';
import { isMethod } from '../../virtual/http/syntax.ts';
import type { HttpRequestHead } from '../../virtual/network/stack.ts';

/** How the end of a request's body is told. `none`: there is no body. RFC 9112, 6 */
export type Framing = 'none' | 'length' | 'chunked';

/** About the connection, which is ours, or about the framing, which is ours, too. */
const OURS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/** Methods whose requests have no body unless somebody gives them one. RFC 9110, 9.3 */
const BODYLESS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE']);

/** RFC 9110, 9.2.2, of those that usually have no body. */
const IDEMPOTENT: ReadonlySet<string> = BODYLESS;

const DEFAULT_PORT: Readonly<Record<HttpRequestHead['scheme'], number>> = { http: 80, https: 443 };

const HOST = /^(?:[0-9A-Za-z\-._~!$&'()*+,;=%]+|\[[0-9A-Fa-f:.]+\])$/;

export function isBodyless(method: string): boolean {
  return BODYLESS.has(method);
}

export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method);
}

/** @returns why the head cannot go over the wire as it is: rules were asked about it, so nothing of it is changed */
export function headProblem({ method, host, path }: HttpRequestHead): HttpError | undefined {
  // Node.js writes methods in capitals. CONNECT would make a tunnel of the connection.
  if (!isMethod(method) || method !== method.toUpperCase() || method === 'CONNECT')
    return { tag: 'HTTP-request-method-invalid' };
  if (!HOST.test(bracketed(host))) return { tag: 'HTTP-request-URI-invalid' };
  // In the absolute form a proxy of the other side would go where the path says.
  if (!/^[/?]/.test(path) && path !== '*' && path !== '') return { tag: 'HTTP-request-URI-invalid' };
  return undefined;
}

/** Names and values in turn, as node:http takes them to send each as it is. */
export function headerLines(head: HttpRequestHead, framing: Framing): string[] {
  const lines = ['Host', authorityOf(head)];
  for (const { name, value } of head.headers) {
    const key = name.toLowerCase();
    if (OURS.has(key) || (key === 'trailer' && framing !== 'chunked')) continue;
    lines.push(name, latin1(value));
  }
  if (framing === 'chunked') lines.push('Transfer-Encoding', 'chunked');
  else if (framing === 'length') lines.push('Content-Length', String(head.contentLength));
  else if (!isBodyless(head.method)) lines.push('Content-Length', '0');
  return lines;
}

/** @returns those that may come after a body: none about the message's own framing. RFC 9110, 6.5.1 */
export function trailerLines(trailers: readonly Field[]): [string, string][] {
  return trailers
    .filter(({ name }) => !OURS.has(name.toLowerCase()) && name.toLowerCase() !== 'trailer')
    .map(({ name, value }) => [name, latin1(value)]);
}

/** Reads what Node.js gives: names and values in turn, each character a byte. */
export function fieldsOf(raw: readonly string[]): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2)
    fields.push({
      name: raw[at] as string,
      value: Uint8Array.from(Buffer.from(raw[at + 1] as string, 'latin1')),
    });
  return fields;
}

/** For SNI and for the certificate's name: '' for an address, which has neither. RFC 6066, 3 */
export function serverNameOf({ host }: HttpRequestHead): string {
  return parseIpAddress(host.replace(/^\[|\]$/g, '')) === undefined ? host : '';
}

function authorityOf(head: HttpRequestHead): string {
  const host = bracketed(head.host);
  return head.port === DEFAULT_PORT[head.scheme] ? host : `${host}:${head.port}`;
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
