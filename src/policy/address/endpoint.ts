import { formatHostPattern, type HostPattern, parseHostPattern } from './host.ts';
import { parsePort } from './port.ts';

/** What a `sockets` rule is about. */
export interface Endpoint {
  readonly host: HostPattern;
  /** 1 to 65535. */
  readonly firstPort: number;
  /** Not below the first. */
  readonly lastPort: number;
}

/**
 * Reads `HOST:PORT` or `HOST:FIRST-LAST`, such as `db.internal:5432`, `10.0.0.0/8:5432` or `[fd00::/8]:8000-8099`. An IPv6
 * address or block has brackets, without which its last group could be the port.
 */
export function parseEndpoint(text: string): Endpoint | undefined {
  const colon = text.lastIndexOf(':');
  const hostText = text.slice(0, Math.max(0, colon));
  if (hostText.includes(':') && !hostText.startsWith('[')) return undefined;
  const host = parseHostPattern(hostText);
  const [first = '', last = first, ...others] = text.slice(colon + 1).split('-');
  const firstPort = parsePort(first);
  const lastPort = parsePort(last);
  if (host === undefined || firstPort === undefined || lastPort === undefined) return undefined;
  return others.length > 0 || lastPort < firstPort ? undefined : { host, firstPort, lastPort };
}

/** The normal form, which {@link parseEndpoint} reads back. */
export function formatEndpoint({ host, firstPort, lastPort }: Endpoint): string {
  const ports = firstPort === lastPort ? String(firstPort) : `${firstPort}-${lastPort}`;
  return `${formatHostPattern(host, 'endpoint')}:${ports}`;
}
