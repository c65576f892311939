import { array, assert, nat, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8, utf8Length } from '../../../../shims/preview2/abi/values.ts';

describe('utf8Length', () => {
  it.each(['', 'name', 'ä', '€', '😀', '\ud800', '\udc00', '\ud800\ud800\udc00', '\ud83d\ude00\ude00a'])(
    'counts the bytes of %j',
    (text) => expect(utf8Length(text)).toBe(utf8(text).length),
  );

  it('counts the bytes of any string', () => {
    assert(
      property(string({ unit: 'binary' }), array(nat(0xffff)), (text, units) => {
        const any = text + String.fromCharCode(...units);
        expect(utf8Length(any)).toBe(utf8(any).length);
      }),
    );
  });
});
