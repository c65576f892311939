import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { referenceFormat, referenceOf, referenceParse } from '../../../../fuzz/address-reference.ts';
import {
  formatIpAddress,
  type IpAddress,
  parseIpAddress,
  sameAddress,
} from '../../../../src/policy/address/ip-address.ts';

describe('parseIpAddress', () => {
  test.each([
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['2001:DB8::00A', '2001:db8::a'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:0:2:3:0:0:4', '1::2:3:0:0:4'],
    ['::7f00:1', '::7f00:1'],
    ['::127.0.0.1', '::7f00:1'],
    ['::ffff:7f00:1', '::ffff:127.0.0.1'],
    ['64:ff9b::10.0.0.1', '64:ff9b::a00:1'],
  ])('%s is %s', (text, normal) => {
    const address = parseIpAddress(text);
    expect(address && formatIpAddress(address)).toBe(normal);
  });

  test.each([
    '',
    '.',
    ':',
    ':::',
    '1',
    '127.1',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '01.2.3.4',
    '1.2.3.4.',
    '1.2.3.256',
    '1.2.3.4.5',
    ' 1.2.3.4',
    '1.2.3.4 ',
    '+1.2.3.4',
    '1e1.2.3.4',
    '１.2.3.4',
    '1.2.3.-4',
    '2130706433',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '1::2::3',
    ':1',
    '1:',
    '12345::',
    'g::',
    '::1.2.3',
    '::1.2.3.04',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '[::1]',
    'fe80::1%eth0',
    '::1/128',
    '::0x1',
    '1:2:3:4:5:6:7:1.2.3.4',
  ])('%j is none', (text) => {
    expect(parseIpAddress(text)).toBeUndefined();
  });

  test('what it writes it reads, as the reference does', () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        const text = formatIpAddress(address);
        expect(text).toBe(referenceFormat(referenceOf(address.bytes)));
        expect(parseIpAddress(text)).toEqual(address);
        expect(referenceParse(text)).toEqual(referenceOf(address.bytes));
      }),
    );
  });
});

/** Zeros are frequent, so that there are runs of them. */
const anyAddress = fc.constantFrom(4 as const, 16 as const).chain((length) =>
  fc.uint8Array({ minLength: length, maxLength: length, max: 255 }).chain((bytes) =>
    fc.uint8Array({ minLength: length, maxLength: length, max: 1 }).map((mask): IpAddress => ({
      family: length === 4 ? 4 : 6,
      bytes: bytes.map((byte, index) => byte * (mask[index & ~1] ?? 0)),
    })),
  ),
);

test('sameAddress tells the families apart', () => {
  const v4 = { family: 4, bytes: Uint8Array.of(0, 0, 0, 0) } as const;
  expect(sameAddress(v4, { family: 4, bytes: new Uint8Array(4) })).toBe(true);
  expect(sameAddress(v4, { family: 6, bytes: new Uint8Array(16) })).toBe(false);
  expect(sameAddress(v4, { family: 4, bytes: Uint8Array.of(0, 0, 0, 1) })).toBe(false);
});
