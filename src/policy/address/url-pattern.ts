import { parseCidr } from './cidr.ts';
import { formatHostPattern, type HostPattern, parseHostPattern } from './host.ts';
import { parsePort } from './port.ts';
import { parsePathPattern } from './url-path.ts';

/** What the `url` of an `http` rule is about. */
export interface UrlPattern {
  readonly scheme: 'http' | 'https';
  readonly host: HostPattern;
  readonly port: number;
  /** Begins with a slash, in normal form. */
  readonly path: string;
}

/** The port that a URL of the scheme means without naming it. */
export const DEFAULT_PORT: Readonly<Record<'http' | 'https', number>> = { http: 80, https: 443 };

const URL_PATTERN =
  /^(?<scheme>https?):\/\/(?<host>\[[^\]]*\]|[^:/?#@[\]]+)(?::(?<port>[0-9]+))?(?<path>\/.*)?$/s;

/**
 * Reads the URL of a rule: scheme, host, port and a path with `*` and `**`. A block of addresses is written in brackets
 * (`http://[10.0.0.0/8]:8080/**`). Without a path it is the root alone.
 *
 * @returns undefined also for a query, a fragment or a user, which rules are not about
 */
export function parseUrlPattern(text: string): UrlPattern | undefined {
  const parts = URL_PATTERN.exec(text)?.groups;
  const path = parts?.['path'] ?? '/';
  if (parts === undefined || isMistakenBlock(parts['host'], path)) return undefined;
  const scheme = parts['scheme'] === 'https' ? 'https' : 'http';
  const host = parseHostPattern(parts['host'] ?? '');
  const port = parts['port'] === undefined ? DEFAULT_PORT[scheme] : parsePort(parts['port']);
  const pattern = parsePathPattern(path);
  if (host === undefined || port === undefined || pattern === undefined) return undefined;
  return { scheme, host, port, path: pattern };
}

/** The normal form, which {@link parseUrlPattern} reads back; without the port when it is the scheme's own. */
export function formatUrlPattern({ scheme, host, port, path }: UrlPattern): string {
  const authority = formatHostPattern(host, 'url');
  return `${scheme}://${authority}${port === DEFAULT_PORT[scheme] ? '' : `:${port}`}${path}`;
}

/** `10.0.0.0/8` without brackets would be the one address 10.0.0.0, with a path that begins with 8. Nobody means that. */
function isMistakenBlock(host: string | undefined, path: string): boolean {
  const length = /^\/([0-9]{1,2})(?=[:/]|$)/.exec(path)?.[1];
  return (
    host !== undefined &&
    length !== undefined &&
    length !== '32' &&
    parseCidr(`${host}/${length}`) !== undefined
  );
}
