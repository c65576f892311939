import type { HttpError } from '../../virtual/http/http-error.ts';
import { HttpFailure } from '../../virtual/network/stack.ts';
import { codeOf } from './network-failure.ts';

/** Bytes of the names and values of a response's headers, and of its trailers. */
export const MAX_HEADER_BYTES: number = 64 << 10;

/** Fields of either. Node.js leaves out what is past its own bound; here it is an error. */
export const MAX_FIELDS = 2048;

/** By `code` of a system error or of Node.js. */
const ERRORS: ReadonlyMap<string, HttpError> = new Map<string, HttpError>([
  ['ECONNREFUSED', { tag: 'connection-refused' }],
  ['ECONNRESET', { tag: 'connection-terminated' }],
  ['ECONNABORTED', { tag: 'connection-terminated' }],
  ['EPIPE', { tag: 'connection-terminated' }],
  ['ETIMEDOUT', { tag: 'connection-timeout' }],
  ['EHOSTUNREACH', { tag: 'destination-IP-unroutable' }],
  ['EHOSTDOWN', { tag: 'destination-IP-unroutable' }],
  ['ENETUNREACH', { tag: 'destination-IP-unroutable' }],
  ['ENETDOWN', { tag: 'destination-IP-unroutable' }],
  ['EADDRNOTAVAIL', { tag: 'destination-unavailable' }],
  ['EAFNOSUPPORT', { tag: 'destination-unavailable' }],
  ['EINVAL', { tag: 'destination-unavailable' }],
  ['EACCES', { tag: 'destination-unavailable' }],
  ['EPERM', { tag: 'destination-unavailable' }],
  ['EMFILE', { tag: 'connection-limit-reached' }],
  ['ENFILE', { tag: 'connection-limit-reached' }],
  ['HPE_HEADER_OVERFLOW', { tag: 'HTTP-response-header-section-size', val: MAX_HEADER_BYTES }],
  ['ERR_INVALID_HTTP_TOKEN', { tag: 'HTTP-protocol-error' }],
  ['ERR_INVALID_CHAR', { tag: 'HTTP-protocol-error' }],
  ['ERR_UNESCAPED_CHARACTERS', { tag: 'HTTP-request-URI-invalid' }],
]);

/** Why a certificate is not trusted: names of X509_V_ERR_… of OpenSSL, and Node.js's own. */
const CERTIFICATE =
  /^(?:CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERROR_IN_C|INVALID_(?:CA|PURPOSE)$|PATH_LENGTH_|HOSTNAME_MISMATCH$|ERR_TLS_CERT_)/;

/** As OpenSSL writes it; the number is all that is taken of the text. */
const ALERT = /SSL alert number (\d{1,3})\b/;

/** Those that say that there is no connection, after which a request may be sent to another address. */
const UNREACHED: ReadonlySet<string> = new Set([
  'connection-refused',
  'connection-timeout',
  'destination-unavailable',
  'destination-IP-unroutable',
]);

/** The same for an error after bytes could be sent: the system has the same codes for a connection that it gave up. */
export function sentErrorOf(error: unknown): HttpError {
  const found = httpErrorOf(error);
  return UNREACHED.has(found.tag) ? { tag: 'connection-terminated' } : found;
}

/** What a guest is told of an error of node:http, node:tls or node:net: nothing of its text, which names addresses and headers. */
export function httpErrorOf(error: unknown): HttpError {
  if (error instanceof HttpFailure) return error.error;
  const code = codeOf(error);
  const known = ERRORS.get(code);
  if (known !== undefined) return known;
  if (code.startsWith('HPE_')) return { tag: 'HTTP-protocol-error' };
  if (CERTIFICATE.test(code)) return { tag: 'TLS-certificate-error' };
  const alert = error instanceof Error ? ALERT.exec(error.message)?.[1] : undefined;
  if (alert !== undefined)
    return { tag: 'TLS-alert-received', val: { alertId: Number(alert), alertMessage: undefined } };
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || code === 'EPROTO')
    return { tag: 'TLS-protocol-error' };
  return { tag: 'internal-error', val: undefined };
}
