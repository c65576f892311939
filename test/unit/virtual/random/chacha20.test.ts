import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ChaCha20Stream } from '../../../../src/virtual/random/chacha20.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/[\s:]/g, ''), 'hex'));
const ASCENDING = hex('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');

function take(stream: ChaCha20Stream, length: number, target = new Uint8Array(length)): Uint8Array {
  stream.fill(target, 0, length);
  return target;
}

describe('RFC 8439', () => {
  test('section 2.3.2: one block', () => {
    const stream = new ChaCha20Stream(ASCENDING, hex('000000090000004a00000000'), 1);
    expect(take(stream, 64)).toEqual(
      hex(`10 f1 e7 e4 d1 3b 59 15 50 0f dd 1f a3 20 71 c4 c7 d1 f4 c7 33 c0 68 03 04 22 aa 9a c3 d4 6c 4e
           d2 82 64 46 07 9f aa 09 14 c2 d7 05 d9 8b 02 a2 b5 12 9c d1 de 16 4e b9 cb d0 83 e8 a2 50 3c 4e`),
    );
  });

  test('section 2.4.2: a key stream over two blocks', () => {
    const stream = new ChaCha20Stream(ASCENDING, hex('000000000000004a00000000'), 1);
    expect(take(stream, 114)).toEqual(
      hex(`22:4f:51:f3:40:1b:d9:e1:2f:de:27:6f:b8:63:1d:ed:8c:13:1f:82:3d:2c:06
           e2:7e:4f:ca:ec:9e:f3:cf:78:8a:3b:0a:a3:72:60:0a:92:b5:79:74:cd:ed:2b
           93:34:79:4c:ba:40:c6:3e:34:cd:ea:21:2c:4c:f0:7d:41:b7:69:a6:74:9f:3f
           63:0f:41:22:ca:fe:28:ec:4d:c4:7e:26:d4:34:6d:70:b9:8c:73:f3:e9:c5:3a
           c4:0c:59:45:39:8b:6e:da:1a:83:2c:89:c1:67:ea:cd:90:1d:7e:2b:f3:63`),
    );
  });

  test('appendix A.1, vectors 1 and 2: zero key, and the block after', () => {
    expect(take(new ChaCha20Stream(new Uint8Array(32)), 128)).toEqual(
      hex(`76 b8 e0 ad a0 f1 3d 90 40 5d 6a e5 53 86 bd 28 bd d2 19 b8 a0 8d ed 1a a8 36 ef cc 8b 77 0d c7
           da 41 59 7c 51 57 48 8d 77 24 e0 3f b8 d8 4a 37 6a 43 b8 f4 15 18 a1 1c c3 87 b6 69 b2 ee 65 86
           9f 07 e7 be 55 51 38 7a 98 ba 97 7c 73 2d 08 0d cb 0f 29 a0 48 e3 65 69 12 c6 53 3e 32 ee 7a ed
           29 b7 21 76 9c e6 4e 43 d5 71 33 b0 74 d8 39 d5 31 ed 1f 28 51 0a fb 45 ac e1 0a 1f 4b 79 4d 6f`),
    );
  });
});

test('the stream is one, however it is cut', () => {
  const whole = take(new ChaCha20Stream(ASCENDING), 2000);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 10 }), (cuts) => {
      const stream = new ChaCha20Stream(ASCENDING);
      const parts = Buffer.concat(cuts.map((length) => take(stream, length)));
      expect(Uint8Array.from(parts)).toEqual(whole.subarray(0, parts.length));
    }),
  );
});

test('bytes go where they belong, and nowhere else', () => {
  const target = new Uint8Array(100).fill(0xaa);
  new ChaCha20Stream(ASCENDING).fill(target, 10, 70);
  expect(target.subarray(10, 80)).toEqual(take(new ChaCha20Stream(ASCENDING), 70));
  expect([...target.subarray(0, 10), ...target.subarray(80)].every((byte) => byte === 0xaa)).toBe(true);
});

test('after the last block of a counter the stream goes on in the next word, and does not repeat', () => {
  const stream = new ChaCha20Stream(ASCENDING, new Uint8Array(12), 0xffff_ffff);
  take(stream, 64);
  const carried = new ChaCha20Stream(ASCENDING, hex('010000000000000000000000'), 0);
  expect(take(stream, 64)).toEqual(take(carried, 64));
});

test.each([
  [31, 12],
  [33, 12],
  [32, 8],
])('a key of %d bytes with a nonce of %d is refused', (key, nonce) => {
  expect(() => new ChaCha20Stream(new Uint8Array(key), new Uint8Array(nonce))).toThrow(RangeError);
});
