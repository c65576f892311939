// What src/policy/address and src/kernel/egress are compared with: the same rules once more, with other means (one big
// integer for an address, one expression for a grammar, every block looked at), and with nothing in common but the table.
import { KNOWN_BLOCKS } from '../src/kernel/egress/special-blocks.ts';

export interface ReferenceAddress {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

export interface ReferenceBlock extends ReferenceAddress {
  readonly prefix: number;
}

const OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const V4 = `${OCTET}(?:\\.${OCTET}){3}`;
const H16 = '[0-9A-Fa-f]{1,4}';
const LS32 = `(?:${H16}:${H16}|${V4})`;

/** `IPv6address` of RFC 3986, 3.2.2, line by line. */
const V6 = [
  `(?:${H16}:){6}${LS32}`,
  `::(?:${H16}:){5}${LS32}`,
  `(?:${H16})?::(?:${H16}:){4}${LS32}`,
  `(?:(?:${H16}:){0,1}${H16})?::(?:${H16}:){3}${LS32}`,
  `(?:(?:${H16}:){0,2}${H16})?::(?:${H16}:){2}${LS32}`,
  `(?:(?:${H16}:){0,3}${H16})?::${H16}:${LS32}`,
  `(?:(?:${H16}:){0,4}${H16})?::${LS32}`,
  `(?:(?:${H16}:){0,5}${H16})?::${H16}`,
  `(?:(?:${H16}:){0,6}${H16})?::`,
].join('|');

const IS_V4 = new RegExp(`^${V4}$`);
const IS_V6 = new RegExp(`^(?:${V6})$`);

export function referenceParse(text: string): ReferenceAddress | undefined {
  if (IS_V4.test(text)) return { bits: 32, value: valueOfV4(text) };
  if (!IS_V6.test(text)) return undefined;
  const plain = text.replace(/[0-9.]*\.[0-9.]*$/, (v4) => {
    const value = valueOfV4(v4);
    return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
  });
  const colons = plain.split(':').length - 1;
  const zeros = plain.startsWith('::') || plain.endsWith('::') ? 9 - colons : 8 - colons;
  const full = plain
    .replace('::', `:${'0:'.repeat(zeros)}`)
    .replace(/^:/, '')
    .replace(/:$/, '');
  return {
    bits: 128,
    value: full.split(':').reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n),
  };
}

export function referenceParseBlock(text: string): ReferenceBlock | undefined {
  const parts = /^([^/]*)\/(0|[1-9][0-9]{0,2})$/.exec(text);
  const address = referenceParse(parts?.[1] ?? '');
  const prefix = Number(parts?.[2]);
  if (address === undefined || prefix > address.bits) return undefined;
  const rest = BigInt(address.bits - prefix);
  return (address.value >> rest) << rest === address.value ? { ...address, prefix } : undefined;
}

export function referenceContains(block: ReferenceBlock, { bits, value }: ReferenceAddress): boolean {
  return bits === block.bits && (value ^ block.value) >> BigInt(bits - block.prefix) === 0n;
}

/** RFC 5952, by trying all eight forms. */
export function referenceFormat({ bits, value }: ReferenceAddress): string {
  if (bits === 32) return formatV4(value);
  if (value >> 32n === 0xffffn) return `::ffff:${formatV4(value & 0xffff_ffffn)}`;
  const full = value.toString(16).padStart(32, '0').match(/.{4}/g)?.map(withoutZeros).join(':') ?? '';
  for (let length = 8; length >= 2; length--) {
    const zeros = new RegExp(`(^|:)0(?::0){${length - 1}}(:|$)`);
    if (zeros.test(full)) return full.replace(zeros, '::');
  }
  return full;
}

/** @returns the block that makes an address special */
export function referenceSpecial(address: ReferenceAddress): string | undefined {
  const own = mostSpecific(address);
  if (own !== undefined && !own.isPublic) return own.block;
  const { bits, value } = address;
  if (bits === 32) return undefined;
  const isNat64 = value >> 32n === 0x0064_ff9b_0000_0000_0000_0000n;
  const isIsatap = [0x5efen, 0x0200_5efen].includes((value >> 32n) & 0xffff_ffffn);
  return isNat64 || isIsatap ? referenceSpecial({ bits: 32, value: value & 0xffff_ffffn }) : undefined;
}

const BLOCKS = KNOWN_BLOCKS.map((known) => ({ ...known, range: referenceParseBlock(known.block) }));

function mostSpecific(address: ReferenceAddress): (typeof BLOCKS)[number] | undefined {
  return BLOCKS.filter(({ range }) => range !== undefined && referenceContains(range, address)).toSorted(
    (a, b) => (b.range?.prefix ?? 0) - (a.range?.prefix ?? 0),
  )[0];
}

function valueOfV4(text: string): bigint {
  return text.split('.').reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
}

function formatV4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
}

function withoutZeros(group: string): string {
  return group.replace(/^0{1,3}/, '');
}

/** Bytes as the reference has them. */
export function referenceOf(bytes: Uint8Array): ReferenceAddress {
  const value = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return { bits: bytes.length === 4 ? 32 : 128, value };
}

/** And back. */
export function bytesOf({ bits, value }: ReferenceAddress): Uint8Array {
  return Uint8Array.from({ length: bits / 8 }, (_, index) =>
    Number((value >> BigInt(bits - 8 - index * 8)) & 255n),
  );
}
