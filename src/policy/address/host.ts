import { type Cidr, formatCidr, parseCidr } from './cidr.ts';
import { formatIpAddress, type IpAddress, parseIpAddress } from './ip-address.ts';

/**
 * A host in normal form: an address, or a name (lower-case, punycode, without the trailing dot).
 */
export type Host = string | IpAddress;

/** What stands in a rule for hosts. */
export type HostPattern =
  | { readonly kind: 'name'; readonly name: string }
  /** `*.` and a name: one or more labels before it, not the name itself. */
  | { readonly kind: 'subdomains'; readonly of: string }
  | { readonly kind: 'address'; readonly address: IpAddress }
  | { readonly kind: 'block'; readonly block: Cidr };

/**
 * Where a host pattern is written. `plain`: alone (a name that may be looked up). `endpoint`: before `:` and a port. `url`:
 * in a URL, where a slash would begin the path.
 */
export type HostContext = 'plain' | 'endpoint' | 'url';

/**
 * What `URL` would not leave in the host, but take as something else or drop without a word: delimiters, the white space
 * that it trims or removes, and the backslash that it takes for a slash.
 */
const NOT_OF_A_HOST = /[\0-\x20/\\?#@]/;

/** What a resolver may be asked for. Other characters that `URL` lets pass are in no name of a host. */
const LABEL = /^[a-z0-9_-]{1,63}$/;

/**
 * Names that `URL` leaves as they are, so that it need not be asked, which takes most of the time of a decision: no number at
 * the end, no punycode to check.
 */
const PLAIN_NAME = /^(?:(?!xn--)[a-z0-9_-]{1,63}\.)*(?!xn--)[a-z_][a-z0-9_-]{0,62}$/;

/** RFC 1035, 2.3.4, in its text form. */
const LONGEST_NAME = 253;

/**
 * Reads the host of a request by the rules of WHATWG URL for `http`: case, percent-encoding, Unicode and every form of an
 * IPv4 address that `inet_aton` knows come out as what would be connected to. `0x7f.1`, `2130706433` and `１２７。1` are
 * 127.0.0.1 (CVE-2021-28918, CVE-2023-42282, CVE-2024-29415). An IPv6 address has brackets.
 *
 * @returns undefined for what is no host alone: with a port or user, empty, with an empty label, or with characters that no
 *   name of a host has
 */
export function parseHost(text: string): Host | undefined {
  if (PLAIN_NAME.test(text)) return text.length <= LONGEST_NAME ? text : undefined;
  if (text === '' || NOT_OF_A_HOST.test(text)) return undefined;
  const url = URL.parse(`http://${text}/`);
  // With a port that is the scheme's own, `URL` shows none.
  if (url === null || url.port !== '' || endsInPort(text)) return undefined;
  const { hostname } = url;
  if (hostname.startsWith('[')) return parseIpAddress(hostname.slice(1, -1));
  return parseIpAddress(hostname) ?? normalName(hostname);
}

/** @param host its form in a URL: an IPv6 address gets brackets */
export function formatHost(host: Host): string {
  if (typeof host === 'string') return host;
  return host.family === 6 ? `[${formatIpAddress(host)}]` : formatIpAddress(host);
}

/**
 * Reads the host of a rule: a name, `*.` and a name, an address, or a CIDR block; IPv6 and blocks with or without brackets.
 * What a rule says is what it means: the forms of an address that only a program makes (`0x7f.1`, `127.1`), and
 * percent-encoding, are refused.
 */
export function parseHostPattern(text: string): HostPattern | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  const block = parseCidr(bare);
  if (block !== undefined) return { kind: 'block', block };
  const address = parseIpAddress(bare);
  if (address !== undefined && (bare === text || address.family === 6)) return { kind: 'address', address };
  if (text.startsWith('*.')) {
    const of = parseName(text.slice(2));
    return of === undefined ? undefined : { kind: 'subdomains', of };
  }
  const name = parseName(text);
  return name === undefined ? undefined : { kind: 'name', name };
}

/** {@link parseHostPattern} reads it back. */
export function formatHostPattern(pattern: HostPattern, context: HostContext): string {
  switch (pattern.kind) {
    case 'name':
      return pattern.name;
    case 'subdomains':
      return `*.${pattern.of}`;
    case 'address':
      return context === 'plain' ? formatIpAddress(pattern.address) : formatHost(pattern.address);
    case 'block': {
      const text = formatCidr(pattern.block);
      const hasBrackets = context === 'url' || (context === 'endpoint' && pattern.block.address.family === 6);
      return hasBrackets ? `[${text}]` : text;
    }
  }
}

/** A name as a rule has it: whatever case or script, but nothing that turns into something else. */
function parseName(text: string): string | undefined {
  if (text.includes('%')) return undefined;
  const host = parseHost(text);
  return typeof host === 'string' ? host : undefined;
}

function endsInPort(text: string): boolean {
  return text.includes(':') && !text.endsWith(']');
}

function normalName(hostname: string): string | undefined {
  const name = hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
  if (name.length > LONGEST_NAME) return undefined;
  return name.split('.').every((label) => LABEL.test(label)) ? name : undefined;
}
