/** An address of the Internet Protocol. Compare with {@link sameAddress}; never by identity. */
export interface IpAddress {
  readonly family: 4 | 6;
  /** 4 or 16 bytes in network order. */
  readonly bytes: Uint8Array;
}

/**
 * Reads an address in its plain text form: four decimal numbers without leading zeros (RFC 6943, 3.1.1, strict), or one of
 * the forms of RFC 4291, 2.2. No zone, no brackets, none of the shorthands of `inet_aton`.
 *
 * @returns undefined for anything else
 */
export function parseIpAddress(text: string): IpAddress | undefined {
  const bytes = text.includes(':') ? parseV6(text) : parseV4(text);
  return bytes && { family: bytes.length === 4 ? 4 : 6, bytes };
}

/** The text form: dotted decimal, or RFC 5952. */
export function formatIpAddress({ family, bytes }: IpAddress): string {
  if (family === 4) return bytes.join('.');
  const groups = groupsOf(bytes);
  if (isMapped(bytes)) return `::ffff:${bytes.subarray(12).join('.')}`;
  const [start, length] = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

/** Asked for each decision: no closure, no copy. */
export function sameAddress(one: IpAddress, other: IpAddress): boolean {
  if (one.bytes.length !== other.bytes.length) return false;
  for (let index = 0; index < one.bytes.length; index++) {
    if (one.bytes[index] !== other.bytes[index]) return false;
  }
  return true;
}

/** @returns the eight groups of 16 bits of an IPv6 address */
export function groupsOf(bytes: Uint8Array): number[] {
  return Array.from(
    { length: 8 },
    (_, index) => ((bytes[index * 2] as number) << 8) | (bytes[index * 2 + 1] as number),
  );
}

const DECIMAL_BYTE = /^(?:0|[1-9][0-9]{0,2})$/;
const HEX_GROUP = /^[0-9A-Fa-f]{1,4}$/;

function parseV4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => DECIMAL_BYTE.test(part) && Number(part) < 256))
    return undefined;
  return Uint8Array.from(parts, Number);
}

function parseV6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const parsed = halves.map((half, index) => parseGroups(half, index === halves.length - 1));
  const [head, tail = []] = parsed;
  if (head === undefined || parsed.includes(undefined)) return undefined;
  const missing = 8 - head.length - tail.length;
  // `::` stands for at least one group: RFC 5952, 4.2.2 says shortening one is bad style, RFC 4291 that it is legal.
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...tail];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

/** @param last whether the part may end in an IPv4 address */
function parseGroups(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    const v4 = last && index === parts.length - 1 && part.includes('.') ? parseV4(part) : undefined;
    if (v4 !== undefined) {
      const [a, b, c, d] = v4 as unknown as [number, number, number, number];
      groups.push((a << 8) | b, (c << 8) | d);
    } else if (HEX_GROUP.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

function isMapped(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
}

/** @returns where the longest run of zero groups starts, and its length; the first of equal ones */
function longestZeroRun(groups: readonly number[]): [start: number, length: number] {
  let best: [number, number] = [0, 0];
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (end < 8 && groups[end] === 0) end++;
    if (end - start > best[1]) best = [start, end - start];
  }
  return best;
}
