import type { Endpoint } from './address/endpoint.ts';
import { formatEndpoint, parseEndpoint } from './address/endpoint.ts';
import { parseHostPattern } from './address/host.ts';
import { parseIpAddress } from './address/ip-address.ts';
import { parsePort } from './address/port.ts';
import { hostFault, plainHost } from './host-faults.ts';
import { propose } from './faults.ts';
import type { Fault } from './faults.ts';
import type { Path, Report } from './source.ts';
import { quote } from './text.ts';

type Parse = (text: string) => Endpoint | undefined;

/** Reads `connect` of a sockets rule. */
export function readConnect(text: unknown, path: Path, report: Report): Endpoint | undefined {
  return readEndpoint(text, path, report, parseEndpoint, (found) => endpointFault(found, parseEndpoint));
}

/** Reads `listen` of a sockets rule. */
export function readListen(text: unknown, path: Path, report: Report): Endpoint | undefined {
  return readEndpoint(text, path, report, parseListen, listenFault);
}

function readEndpoint(
  text: unknown,
  path: Path,
  report: Report,
  parse: Parse,
  faultOf: (text: string) => Fault,
): Endpoint | undefined {
  if (typeof text !== 'string') return undefined;
  const endpoint = parse(text);
  if (endpoint !== undefined) return { ...endpoint, host: plainHost(endpoint.host) };
  // What stands before an `@` often is a password, which no error may show.
  const found = quote(text.replace(/^.*@/s, '***@'));
  report({ path, what: 'wrong endpoint', found, ...faultOf(text) });
  return undefined;
}

export function formatOptional(endpoint: Endpoint | undefined): string | undefined {
  return endpoint && formatEndpoint(endpoint);
}

/** A program listens on addresses of this host, not on names. */
function parseListen(text: string): Endpoint | undefined {
  const endpoint = parseEndpoint(text);
  return endpoint?.host.kind === 'address' || endpoint?.host.kind === 'block' ? endpoint : undefined;
}

function listenFault(text: string): Fault {
  const colon = Math.max(0, text.lastIndexOf(':'));
  const host = text.slice(0, colon);
  const ports = text.slice(colon);
  if (host === '*') return propose(OWN_ADDRESS, `0.0.0.0${ports}`, parseListen);
  if (/^localhost\.?$/i.test(host)) return propose(OWN_ADDRESS, `127.0.0.1${ports}`, parseListen);
  const kind = parseHostPattern(host)?.kind;
  if (kind === 'name' || kind === 'subdomains' || host.includes('*')) return { expected: OWN_ADDRESS };
  if (/^:0+(?:-|$)/.test(ports)) {
    const hint = 'a program that leaves the port open gets the first free one of a range';
    return { expected: PORTS, hint };
  }
  return endpointFault(text, parseListen);
}

const OWN_ADDRESS = 'an address or a CIDR block of this host, and a port';

/** @param parse tells what would be right */
function endpointFault(text: string, parse: Parse): Fault {
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.exec(text)?.[0];
  if (scheme !== undefined)
    return { expected: 'a host and a port, without a scheme', hint: 'URLs stand in `http` rules' };
  if (parseHostPattern(text) !== undefined) return withoutPort(text);
  if (text.includes('@')) return { expected: 'a host without a user' };
  const colon = text.lastIndexOf(':');
  if (colon === -1) return { expected: 'a host and a port such as "db.internal:5432"' };
  const host = text.slice(0, colon);
  const ports = portsFault(text.slice(colon + 1), host, parse);
  if (ports !== undefined) return ports;
  if (host.includes(':') && !host.startsWith('['))
    return propose('IPv6 in brackets', `[${host}]${text.slice(colon)}`, parse);
  return hostFault(host);
}

function withoutPort(text: string): Fault {
  const hint =
    parseIpAddress(text)?.family === 6
      ? 'IPv6 stands in brackets, and the port behind them: "[ADDRESS]:PORT"'
      : `add the port: "${text}:PORT"`;
  return { expected: 'a host and a port', hint };
}

/** @param host stands before them */
function portsFault(ports: string, host: string, parse: Parse): Fault | undefined {
  if (ports === '*') return propose(PORTS, `${host}:1-65535`, parse);
  const match = /^([0-9]+)(?:-([0-9]+))?$/.exec(ports);
  if (match === null) return { expected: PORTS };
  const [, first = '', last = first] = match;
  if ([first, last].some((port) => parsePort(port) === undefined)) return { expected: PORTS };
  return Number(last) < Number(first)
    ? propose('a range that rises', `${host}:${last}-${first}`, parse)
    : undefined;
}

const PORTS = 'a port from 1 to 65535, or a range such as "8000-8099"';
