import type { Endpoint } from './address/endpoint.ts';
import { formatEndpoint, parseEndpoint } from './address/endpoint.ts';
import { parseHostPattern } from './address/host.ts';
import { parseIpAddress } from './address/ip-address.ts';
import { hostFault, plainHost } from './host-faults.ts';
import type { Fault, Path, Report } from './source.ts';
import { quote } from './text.ts';

/** Reads `connect` of a sockets rule. */
export function readConnect(text: unknown, path: Path, report: Report): Endpoint | undefined {
  return readEndpoint(text, path, report);
}

/** Reads `listen` of a sockets rule: only what is an address can be listened on. */
export function readListen(text: unknown, path: Path, report: Report): Endpoint | undefined {
  if (typeof text === 'string' && /^\*(?=:)/.test(text)) {
    const hint = `did you mean ${quote(text.replace('*', '0.0.0.0'))}?`;
    report({ path, what: 'wrong endpoint', found: quote(text), expected: OWN_ADDRESS, hint });
    return undefined;
  }
  const endpoint = readEndpoint(text, path, report);
  if (endpoint === undefined || typeof text !== 'string') return undefined;
  if (endpoint.host.kind === 'address' || endpoint.host.kind === 'block') return endpoint;
  const isLocal = endpoint.host.kind === 'name' && endpoint.host.name === 'localhost';
  const hint = isLocal ? `did you mean "127.0.0.1${text.slice(text.lastIndexOf(':'))}"?` : undefined;
  report({
    path,
    what: 'wrong endpoint',
    found: quote(text),
    expected: OWN_ADDRESS,
    ...(hint === undefined ? {} : { hint }),
  });
  return undefined;
}

const OWN_ADDRESS = 'an address or a CIDR block of this host, and a port';

function readEndpoint(text: unknown, path: Path, report: Report): Endpoint | undefined {
  if (typeof text !== 'string') return undefined;
  const endpoint = parseEndpoint(text);
  if (endpoint === undefined) {
    report({ path, what: 'wrong endpoint', found: quote(text), ...endpointFault(text) });
    return undefined;
  }
  return { ...endpoint, host: plainHost(endpoint.host) };
}

export function formatOptional(endpoint: Endpoint | undefined): string | undefined {
  return endpoint && formatEndpoint(endpoint);
}

function endpointFault(text: string): Fault {
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.exec(text)?.[0];
  if (scheme !== undefined)
    return { expected: 'a host and a port, without a scheme', hint: 'URLs stand in `http` rules' };
  if (parseHostPattern(text) !== undefined) return withoutPort(text);
  const colon = text.lastIndexOf(':');
  if (colon === -1) return { expected: 'a host and a port such as "db.internal:5432"' };
  const host = text.slice(0, colon);
  const ports = portsFault(text.slice(colon + 1), host);
  if (ports !== undefined) return ports;
  if (host.includes(':') && !host.startsWith('['))
    return { expected: 'IPv6 in brackets', hint: `did you mean ${quote(`[${host}]${text.slice(colon)}`)}?` };
  return hostFault(host);
}

function withoutPort(text: string): Fault {
  const isV6 = parseIpAddress(text)?.family === 6;
  const hint = isV6 ? `IPv6 stands in brackets, and the port behind them: "[${text}]:PORT"` : undefined;
  return { expected: 'a host and a port', hint: hint ?? `add the port: "${text}:PORT"` };
}

/** @param host stands before them */
function portsFault(ports: string, host: string): Fault | undefined {
  if (ports === '*') {
    return { expected: PORTS, hint: `did you mean ${quote(`${host}:1-65535`)}?` };
  }
  const match = /^([0-9]+)(?:-([0-9]+))?$/.exec(ports);
  if (match === null) return { expected: PORTS };
  const [, first = '', last = first] = match;
  if (Number(first) === 0 || Number(last) === 0)
    return { expected: PORTS, hint: 'a program that leaves the port open gets a free one of the range' };
  if (Number(first) > 65_535 || Number(last) > 65_535 || first.startsWith('0') || last.startsWith('0'))
    return { expected: PORTS };
  return Number(last) < Number(first)
    ? { expected: 'a range that rises', hint: `did you mean ${quote(`${host}:${last}-${first}`)}?` }
    : undefined;
}

const PORTS = 'a port from 1 to 65535, or a range such as "8000-8099"';
