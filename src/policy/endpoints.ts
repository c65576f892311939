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

/** Reads `connect` of a sockets rule. */
export function readConnect(text: unknown, path: Path, report: Report): Endpoint | undefined {
  return readEndpoint(text, path, report, endpointFault);
}

/** Reads `listen` of a sockets rule: a program listens on addresses of this host. */
export function readListen(text: unknown, path: Path, report: Report): Endpoint | undefined {
  return readEndpoint(text, path, report, listenFault);
}

/** @param faultOf what is wrong with a text; undefined when nothing is */
function readEndpoint(
  text: unknown,
  path: Path,
  report: Report,
  faultOf: (text: string, endpoint: Endpoint | undefined) => Fault | undefined,
): Endpoint | undefined {
  if (typeof text !== 'string') return undefined;
  const endpoint = parseEndpoint(text);
  const fault = faultOf(text, endpoint);
  if (endpoint !== undefined && fault === undefined) return { ...endpoint, host: plainHost(endpoint.host) };
  const found = quote(text.replace(/^.*@/s, '***@'));
  report({ path, what: 'wrong endpoint', found, ...fault });
  return undefined;
}

export function formatOptional(endpoint: Endpoint | undefined): string | undefined {
  return endpoint && formatEndpoint(endpoint);
}

function listenFault(text: string, endpoint: Endpoint | undefined): Fault | undefined {
  const ports = text.slice(text.lastIndexOf(':'));
  if (text.startsWith('*:')) return propose(OWN_ADDRESS, `0.0.0.0${ports}`, parseEndpoint);
  if (/:0+(?:-|$)/.test(text))
    return {
      expected: PORTS,
      hint: 'a program that leaves the port open gets the first free one of a range',
    };
  const kind = endpoint?.host.kind;
  if (kind !== 'name' && kind !== 'subdomains') return endpointFault(text, endpoint);
  const isLocal = /^localhost\.?:/i.test(text);
  return isLocal ? propose(OWN_ADDRESS, `127.0.0.1${ports}`, parseEndpoint) : { expected: OWN_ADDRESS };
}

const OWN_ADDRESS = 'an address or a CIDR block of this host, and a port';

function endpointFault(text: string, endpoint: Endpoint | undefined): Fault | undefined {
  if (endpoint !== undefined) return undefined;
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.exec(text)?.[0];
  if (scheme !== undefined)
    return { expected: 'a host and a port, without a scheme', hint: 'URLs stand in `http` rules' };
  if (parseHostPattern(text) !== undefined) return withoutPort(text);
  if (text.includes('@')) return { expected: 'a host without a user' };
  const colon = text.lastIndexOf(':');
  if (colon === -1) return { expected: 'a host and a port such as "db.internal:5432"' };
  const host = text.slice(0, colon);
  const ports = portsFault(text.slice(colon + 1), host);
  if (ports !== undefined) return ports;
  if (host.includes(':') && !host.startsWith('['))
    return propose('IPv6 in brackets', `[${host}]${text.slice(colon)}`, parseEndpoint);
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
function portsFault(ports: string, host: string): Fault | undefined {
  if (ports === '*') return propose(PORTS, `${host}:1-65535`, parseEndpoint);
  const match = /^([0-9]+)(?:-([0-9]+))?$/.exec(ports);
  if (match === null) return { expected: PORTS };
  const [, first = '', last = first] = match;
  if ([first, last].some((port) => parsePort(port) === undefined)) return { expected: PORTS };
  return Number(last) < Number(first)
    ? propose('a range that rises', `${host}:${last}-${first}`, parseEndpoint)
    : undefined;
}

const PORTS = 'a port from 1 to 65535, or a range such as "8000-8099"';
