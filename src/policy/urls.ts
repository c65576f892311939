import { parseCidr } from './address/cidr.ts';
import { parseHostPattern } from './address/host.ts';
import { parseIpAddress } from './address/ip-address.ts';
import { parsePort } from './address/port.ts';
import type { UrlPattern } from './address/url-pattern.ts';
import { formatUrlPattern, parseUrlPattern } from './address/url-pattern.ts';
import { hostFault, plainHost } from './host-faults.ts';
import { propose } from './faults.ts';
import type { Fault } from './faults.ts';
import type { Path, Report } from './source.ts';
import { quote } from './text.ts';

/** Characters of a normal form, so that the schema's bound holds for it, too: encoding makes a path longer. */
const MAX_LENGTH = 4096;

/** Reads `url` of an http rule. */
export function readUrl(text: unknown, path: Path, report: Report): UrlPattern | undefined {
  if (typeof text !== 'string') return undefined;
  const pattern = parseUrlPattern(text);
  const fault = pattern === undefined ? urlFault(text) : lengthFault(pattern);
  if (pattern !== undefined && fault === undefined) return { ...pattern, host: plainHost(pattern.host) };
  report({ path, what: 'wrong URL', found: quote(withoutUser(text)), ...fault });
  return undefined;
}

/** A user in a URL often comes with a password, which no error may show. */
function withoutUser(text: string): string {
  return text.replace(/^([^/?#]*:\/\/)?[^/?#]*@/, '$1***@');
}

function lengthFault(pattern: UrlPattern): Fault | undefined {
  return formatUrlPattern(pattern).length > MAX_LENGTH
    ? { expected: `at most ${MAX_LENGTH} characters, percent-encoded` }
    : undefined;
}

/** A URL in whatever shape it is written. */
const PARTS =
  /^(?<scheme>[A-Za-z][A-Za-z0-9+.-]*):\/\/(?<user>[^/?#]*@)?(?<host>\[[^\]]*\]|[^/?#:]*)(?::(?<port>[^/?#]*))?(?<path>[^?#]*)(?<rest>.*)$/s;

function urlFault(text: string): Fault {
  const parts = PARTS.exec(text)?.groups;
  if (parts === undefined) return schemeFault(`https://${text}`);
  const { scheme = '', user, host = '', port, path = '', rest = '' } = parts;
  if (scheme !== 'https' && scheme !== 'http') return schemeFault(text.replace(scheme, scheme.toLowerCase()));
  if (user !== undefined)
    return { expected: 'a URL without a user', hint: 'credentials are secrets: they belong in `headers`' };
  if (rest.startsWith('?'))
    return { expected: 'a URL without a query', hint: 'queries of requests are not compared' };
  if (rest.startsWith('#')) return { expected: 'a URL without a fragment' };
  const address = /^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*/.exec(text.slice(scheme.length + 3))?.[0];
  if (address !== undefined && parseIpAddress(address)?.family === 6) {
    return propose('IPv6 in brackets', text.replace(address, `[${address}]`), parseUrlPattern);
  }
  if (port !== undefined && parsePort(port) === undefined)
    return {
      expected: 'a port from 1 to 65535',
      hint: 'a rule has one port, without one that of the scheme',
    };
  if (host === '') return { expected: 'a host' };
  if (parseHostPattern(host) === undefined) return hostFault(host);
  return blockFault(text, host, path) ?? pathFault(text, path);
}

function schemeFault(meant: string): Fault {
  return propose('a URL that starts with `https://` or `http://`', meant, parseUrlPattern);
}

/** `10.0.0.0/8` without brackets is the address 10.0.0.0 and the path `/8`. */
function blockFault(text: string, host: string, path: string): Fault | undefined {
  const length = /^\/[0-9]{1,3}/.exec(path)?.[0] ?? '';
  const block = `${host}${length}`;
  if (parseCidr(block) === undefined) return undefined;
  return propose('a CIDR block in brackets', text.replace(block, `[${block}]`), parseUrlPattern);
}

function pathFault(text: string, path: string): Fault {
  const components = path.split('/');
  const mixed = components.find((component) => component !== '**' && component.includes('**'));
  if (mixed !== undefined) {
    const meant = text.replace(mixed, () => mixed.replaceAll(/\*+/g, '*'));
    return propose('`**` only as a whole component of the path', meant, parseUrlPattern);
  }
  if (/%(?![0-9A-Fa-f]{2})/.test(path)) return { expected: 'two hexadecimal digits after `%`' };
  if (/[\s\\]/.test(path)) return { expected: 'a path without spaces and backslashes' };
  if (components.some((component) => /^(?:\.|%2e){1,2}(?:;|%3b|$)/i.test(component)))
    return { expected: 'a path without `.` and `..`' };
  return { expected: 'a path of at most 64 components' };
}
