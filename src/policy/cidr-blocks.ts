import { formatCidr, parseCidr } from './address/cidr.ts';
import { parseIpAddress } from './address/ip-address.ts';
import type { HostPattern } from './address/host.ts';
import type { Fault } from './faults.ts';
import type { Path, Report } from './source.ts';
import { quote } from './text.ts';

/**
 * Reads `addresses` of a rule, in which the addresses of a name must lie.
 *
 * @param path of the rule
 * @param host of the rule; undefined where it cannot be read, which was reported
 * @returns sorted blocks without duplicates
 */
export function readAddresses(
  blocks: unknown,
  path: Path,
  host: HostPattern | undefined,
  report: Report,
): readonly string[] | undefined {
  if (!Array.isArray(blocks)) return undefined;
  const at = [...path, 'addresses'];
  if (host?.kind === 'address' || host?.kind === 'block') {
    const what = '`addresses` means nothing beside an address';
    report({ path: at, onKey: true, what, expected: 'a name beside it', hint: 'leave it out' });
  }
  const read = new Set<string>();
  blocks.forEach((block: unknown, index) => {
    if (typeof block !== 'string') return;
    const cidr = parseCidr(block);
    if (cidr === undefined)
      report({ path: [...at, index], what: 'wrong CIDR block', found: quote(block), ...cidrFault(block) });
    else read.add(formatCidr(cidr));
  });
  return Object.freeze([...read].toSorted());
}

/** What is wrong with a text that `parseCidr` does not read. */
export function cidrFault(text: string): Fault {
  const [base = '', length, ...others] = text.split('/');
  const address = parseIpAddress(base);
  if (address === undefined || others.length > 0) return { expected: 'a CIDR block such as "10.0.0.0/8"' };
  const bits = address.bytes.length * 8;
  if (length === undefined) {
    return { expected: 'a CIDR block such as "10.0.0.0/8"', hint: `did you mean "${base}/${bits}"?` };
  }
  const prefix = /^[0-9]{1,3}$/.test(length) ? Number(length) : Infinity;
  if (prefix > bits) return { expected: `a prefix of 0 to ${bits} bits` };
  const bytes = address.bytes.map((byte, index) => byte & (0xff00 >> Math.max(0, prefix - index * 8)));
  const meant = formatCidr({ address: { ...address, bytes }, prefix });
  const expected = length === String(prefix) ? 'no bits past the prefix' : 'a prefix without leading zeros';
  return { expected, hint: `did you mean "${meant}"?` };
}
