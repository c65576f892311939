import { describe, expect, test } from 'vitest';
import { cidrContains, formatCidr, parseCidr } from '../../../../src/policy/address/cidr.ts';
import { parseIpAddress } from '../../../../src/policy/address/ip-address.ts';

test.each([
  ['10.0.0.0/8', '10.0.0.0/8'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['10.1.2.3/32', '10.1.2.3/32'],
  ['FD00:0::/8', 'fd00::/8'],
  ['::/0', '::/0'],
  ['::ffff:0.0.0.0/96', '::ffff:0.0.0.0/96'],
])('%s is %s', (text, normal) => {
  const block = parseCidr(text);
  expect(block && formatCidr(block)).toBe(normal);
});

test.each([
  '',
  '/',
  '10.0.0.0',
  '10.0.0.0/',
  '/8',
  '10.0.0.0/33',
  '::/129',
  '10.0.0.0/08',
  '10.0.0.0/8/8',
  '10.0.0.0/-1',
  '10.0.0.1/8',
  '10.0.0.0/6',
  'fd00::1/8',
  '::1/127',
  '10.0/8',
  '0x0a.0.0.0/8',
  '10.0.0.0 /8',
  '[fd00::]/8',
])('%j is none', (text) => {
  expect(parseCidr(text)).toBeUndefined();
});

describe('cidrContains', () => {
  test.each<[block: string, inside: string[], outside: string[]]>([
    [
      '10.0.0.0/8',
      ['10.0.0.0', '10.255.255.255'],
      ['9.255.255.255', '11.0.0.0', '::ffff:10.0.0.1', '::a00:0'],
    ],
    ['10.1.2.0/23', ['10.1.2.0', '10.1.3.255'], ['10.1.1.255', '10.1.4.0']],
    ['10.1.2.3/32', ['10.1.2.3'], ['10.1.2.2', '10.1.2.4']],
    ['0.0.0.0/0', ['0.0.0.0', '255.255.255.255'], ['::', '::ffff:1.2.3.4']],
    ['fe80::/10', ['fe80::', 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff'], ['fe7f:ffff::', 'fec0::']],
    ['::/0', ['::', 'ffff::'], ['1.2.3.4']],
    ['::ffff:0:0/96', ['::ffff:1.2.3.4'], ['1.2.3.4', '::fffe:ffff:ffff', '::1:0:0:0']],
  ])('%s', (text, inside, outside) => {
    const block = parseCidr(text);
    const contains = (address: string): boolean | undefined => {
      const parsed = parseIpAddress(address);
      return block && parsed && cidrContains(block, parsed);
    };
    expect(inside.map(contains)).toEqual(inside.map(() => true));
    expect(outside.map(contains)).toEqual(outside.map(() => false));
  });
});
