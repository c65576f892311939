import { formatHost, type Host, parseHost } from '../../policy/address/host.ts';
import { normalizePath } from '../../policy/address/url-path.ts';
import { DEFAULT_PORT } from '../../policy/address/url-pattern.ts';
import type { HttpTarget } from './matchers.ts';
import { startOfPath } from './path-start.ts';

/** A request, read once: what rules are asked about, and what goes to the server. */
export interface RequestTarget extends HttpTarget {
  /** With its `?`; empty when there is none. Rules do not look at it. */
  readonly query: string;
}

/**
 * Reads what a guest asks for. Path and host are brought into normal form; send {@link pathOf} and {@link authorityOf} of the
 * result and nothing that the guest wrote, so that the server gets what was decided on.
 *
 * @param authority host and, maybe, port; `user@` is refused
 * @param pathWithQuery empty is the root
 * @returns undefined for what is no such request, or could be read in more ways than one
 */
export function parseHttpTarget(
  method: string,
  scheme: 'http' | 'https',
  authority: string,
  pathWithQuery: string,
): RequestTarget | undefined {
  const place = parseAuthority(authority, DEFAULT_PORT[scheme]);
  const mark = pathWithQuery.indexOf('?');
  const rawPath = mark < 0 ? pathWithQuery : pathWithQuery.slice(0, mark);
  const path = rawPath === '' ? '/' : normalizePath(rawPath);
  const query = mark < 0 ? '' : normalizeQuery(pathWithQuery.slice(mark));
  if (place === undefined || path === undefined || query === undefined) return undefined;
  return { method, scheme, host: place.host, port: place.port, path, start: startOfPath(path), query };
}

/** What the request line has (RFC 9112, 3.2.1). */
export function pathOf({ path, query }: RequestTarget): string {
  return path + query;
}

/** What the `host` field has (RFC 9110, 7.2): the port only when it is not the scheme's own. */
export function authorityOf({ scheme, host, port }: Pick<HttpTarget, 'scheme' | 'host' | 'port'>): string {
  return port === DEFAULT_PORT[scheme] ? formatHost(host) : `${formatHost(host)}:${port}`;
}

/** A request as the log names it: without the query, which may hold secrets. */
export function describeTarget(target: HttpTarget): string {
  return `${target.method} ${target.scheme}://${authorityOf(target)}${target.path}`;
}

/** What ends in `]`, or has no colon, is a host alone. */
function parseAuthority(text: string, defaultPort: number): { host: Host; port: number } | undefined {
  const colon = text.lastIndexOf(':');
  const hasPort = colon >= 0 && !text.endsWith(']');
  const host = parseHost(hasPort ? text.slice(0, colon) : text);
  const port = hasPort ? parseRequestPort(text.slice(colon + 1)) : defaultPort;
  return host === undefined || port === undefined ? undefined : { host, port };
}

/** Leading zeros are fine here, as for WHATWG URL. */
function parseRequestPort(text: string): number | undefined {
  if (!/^[0-9]{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port >= 1 && port <= 65_535 ? port : undefined;
}

/**
 * Only what could not be sent as it is gets encoded: nothing is decided on a query, and programs sign theirs.
 *
 * @param query from its `?` on
 */
function normalizeQuery(query: string): string | undefined {
  if (/^[\x21\x22\x24-\x7e]*$/.test(query)) return query;
  if (/[\0-\x20\x7f#]/.test(query) || !query.isWellFormed()) return undefined;
  return query.replaceAll(/[^\0-\x7f]+/g, encodeURIComponent);
}
