import type { HttpTarget } from '../../kernel/egress/matchers.ts';
import { formatHost, parseHost } from '../../policy/address/host.ts';
import { normalizePath } from '../../policy/address/url-path.ts';
import type { HttpError } from './http-error.ts';
import type { OutgoingRequest } from './outgoing-request.ts';

/** What a request is for, in the form that rules are asked about and that is sent: there is no other. */
export interface RequestTarget extends HttpTarget {
  /** With the question mark, as the guest has it; empty when there is none. */
  readonly query: string;
  /** What the log calls the request. Without the query, which often holds keys. */
  readonly subject: string;
}

const DEFAULT_PORT = { http: 80, https: 443 } as const;

/** @returns an error for a request that is none that could be sent */
export function targetOf({
  method,
  scheme = 'https',
  authority,
  pathWithQuery = '',
}: OutgoingRequest): RequestTarget | HttpError {
  // RFC 9110, 4.2: other schemes are not HTTP's.
  if (scheme !== 'http' && scheme !== 'https') return { tag: 'HTTP-protocol-error' };
  const [, hostText = '', portText = ''] = /^(.*?)(?::([0-9]*))?$/.exec(authority ?? '') ?? [];
  const host = parseHost(hostText);
  const port = portText === '' ? DEFAULT_PORT[scheme] : Number(portText);
  const queryAt = pathWithQuery.indexOf('?');
  const path = normalizePath((queryAt < 0 ? pathWithQuery : pathWithQuery.slice(0, queryAt)) || '/');
  if (host === undefined || path === undefined || port < 1 || port > 65_535) {
    return { tag: 'HTTP-request-URI-invalid' };
  }
  const query = queryAt < 0 ? '' : pathWithQuery.slice(queryAt);
  const shownPort = port === DEFAULT_PORT[scheme] ? '' : `:${port}`;
  const subject = `${method} ${scheme}://${formatHost(host)}${shownPort}${path}`;
  return { method, scheme, host, port, path, query, subject };
}
