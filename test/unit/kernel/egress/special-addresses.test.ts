import { describe, expect, test } from 'vitest';
import {
  bytesOf,
  referenceOf,
  referenceParseBlock,
  referenceSpecial,
} from '../../../../fuzz/address-reference.ts';
import { isSpecial, specialBlockOf } from '../../../../src/kernel/egress/special-addresses.ts';
import { REGISTRY, REGISTRY_DATE } from '../../../../src/kernel/egress/special-address-registry.ts';
import { KNOWN_BLOCKS } from '../../../../src/kernel/egress/special-blocks.ts';
import {
  formatIpAddress,
  type IpAddress,
  parseIpAddress,
} from '../../../../src/policy/address/ip-address.ts';

function address(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  if (parsed === undefined) throw new Error(`no address: ${text}`);
  return parsed;
}

describe('special-ranges', () => {
  test.each([
    ['0.0.0.0', '0.0.0.0/32'],
    ['0.1.2.3', '0.0.0.0/8'],
    ['10.0.0.1', '10.0.0.0/8'],
    ['100.64.0.1', '100.64.0.0/10'],
    ['100.100.100.200', '100.64.0.0/10'],
    ['127.0.0.1', '127.0.0.0/8'],
    ['169.254.169.254', '169.254.0.0/16'],
    ['172.31.255.255', '172.16.0.0/12'],
    ['192.0.0.192', '192.0.0.0/24'],
    ['192.168.0.1', '192.168.0.0/16'],
    ['198.19.0.1', '198.18.0.0/15'],
    ['224.0.0.1', '224.0.0.0/4'],
    ['239.255.255.255', '224.0.0.0/4'],
    ['240.0.0.1', '240.0.0.0/4'],
    ['255.255.255.255', '255.255.255.255/32'],
    ['168.63.129.16', '168.63.129.16/32'],
    ['::', '::/128'],
    ['::1', '::1/128'],
    ['fd00::1', 'fc00::/7'],
    ['fd00:ec2::254', 'fc00::/7'],
    ['fe80::1', 'fe80::/10'],
    ['fec0::1', 'fec0::/10'],
    ['ff02::1', 'ff00::/8'],
    ['2001:db8::1', '2001:db8::/32'],
    ['3fff::1', '3fff::/20'],
    ['200::1', '::/3'],
    ['4000::1', '4000::/2'],
    ['8000::1', '8000::/1'],
    ['fe00::1', '8000::/1'],
  ])('%s is in %s', (text, block) => {
    expect(specialBlockOf(address(text))?.block).toBe(block);
  });

  test.each([
    '1.1.1.1',
    '8.8.8.8',
    '11.0.0.0',
    '9.255.255.255',
    '128.0.0.1',
    '192.0.0.9',
    '192.0.0.10',
    '192.31.196.1',
    '168.63.129.15',
    '168.63.129.17',
    '223.255.255.255',
    '2000::',
    '2001:1::1',
    '2001:1::2',
    '2001:1::3',
    '2001:3::1',
    '2001:4:112::1',
    '2001:20::1',
    '2001:30::1',
    '2001:200::1',
    '2606:4700::1111',
    '3ffe::1',
    '3fff:1000::',
  ])('%s is public', (text) => {
    expect(specialBlockOf(address(text))).toBeUndefined();
  });
});

describe('embedded-ipv4, mapped-ipv6', () => {
  test.each([
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:a9fe:a9fe',
    '::ffff:8.8.8.8',
    '::127.0.0.1',
    '::7f00:1',
    '::8.8.8.8',
    '::ffff:0:127.0.0.1',
    '::ffff:0:8.8.8.8',
    '64:ff9b::127.0.0.1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b::10.0.0.1',
    '64:ff9b::0.0.0.0',
    '64:ff9b::255.255.255.255',
    '64:ff9b:1::7f00:1',
    '64:ff9b:1::808:808',
    '64:ff9b:1:ffff:ffff:ffff:7f00:1',
    '64:ff9b::1:0:0',
    '2002:7f00:1::',
    '2002:a00:1::1',
    '2002:808:808::1',
    // The server of a Teredo address, and its client, whose bits are turned over.
    '2001:0:7f00:1::',
    '2001:0:808:808:0:0:80ff:fffe',
    '2001:0:808:808::f7f7:f7f7',
    '2600::5efe:127.0.0.1',
    '2600::200:5efe:10.0.0.1',
    'fe80::5efe:8.8.8.8',
  ])('%s is special', (text) => {
    expect(isSpecial(address(text))).toBe(true);
  });

  test.each([
    '64:ff9b::8.8.8.8',
    '64:ff9b::808:808',
    '64:ff9b::192.0.0.9',
    '2600::5efe:8.8.8.8',
    '2600::200:5efe:8.8.8.8',
    // No ISATAP: another bit in the interface identifier.
    '2600::100:5efe:10.0.0.1',
    '2600::1:5efe:10.0.0.1',
    '2600::5eff:10.0.0.1',
    '2600::10.0.0.1',
  ])('%s is public', (text) => {
    expect(isSpecial(address(text))).toBe(false);
  });

  test('an embedded address says why', () => {
    expect(specialBlockOf(address('64:ff9b::10.0.0.1'))).toMatchObject({
      block: '10.0.0.0/8',
      name: 'Private-Use',
    });
    expect(specialBlockOf(address('2600::5efe:169.254.169.254'))?.name).toBe('Link Local');
  });
});

describe('the first and last address of every block, and those outside', () => {
  test.each(KNOWN_BLOCKS)('$block', ({ block, isPublic }) => {
    const range = referenceParseBlock(block);
    if (range === undefined) throw new Error('no block');
    const size = 1n << BigInt(range.bits - range.prefix);
    const all = 1n << BigInt(range.bits);
    const edges = [range.value, range.value + size - 1n, range.value - 1n, range.value + size];
    for (const value of edges.filter((edge) => edge >= 0n && edge < all)) {
      const bytes = bytesOf({ bits: range.bits, value });
      const found = specialBlockOf({ family: range.bits === 32 ? 4 : 6, bytes });
      const isInside = value >= range.value && value < range.value + size;
      expect(found?.block, formatIpAddress({ family: 4, bytes })).toBe(referenceSpecial(referenceOf(bytes)));
      // A smaller block inside may be public, but then it is listed itself.
      if (isInside && !isPublic && !hasSmaller(block)) expect(found?.block).toBe(block);
    }
  });
});

function hasSmaller(block: string): boolean {
  const outer = referenceParseBlock(block);
  return KNOWN_BLOCKS.some(({ block: other }) => {
    const inner = referenceParseBlock(other);
    if (outer === undefined || inner === undefined || inner.bits !== outer.bits) return false;
    return (
      inner.prefix > outer.prefix && (inner.value ^ outer.value) >> BigInt(outer.bits - outer.prefix) === 0n
    );
  });
}

test('the table is the whole of both registries', () => {
  expect(REGISTRY_DATE).toMatch(/^20\d\d-\d\d-\d\d$/);
  const blocks = REGISTRY.map(([block]) => block);
  expect(new Set(blocks).size).toBe(blocks.length);
  expect(blocks.filter((block) => !block.includes(':'))).toHaveLength(26);
  expect(blocks.filter((block) => block.includes(':'))).toHaveLength(25);
  for (const [block, name, source] of REGISTRY) {
    expect(referenceParseBlock(block), block).toBeDefined();
    expect(name).toMatch(/^[^[\]"]+$/);
    expect(source).toMatch(/^RFC \d+/);
  }
});
