import { array, assert, maxSafeNat, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GuestMemory } from '../../../shims/guest-memory.ts';

function bound(pages = 1): { memory: WebAssembly.Memory; guest: GuestMemory } {
  const memory = new WebAssembly.Memory({ initial: pages, maximum: 10 });
  const guest = new GuestMemory();
  guest.bind(memory);
  return { memory, guest };
}

describe('bounds', () => {
  it('admits what lies inside, to the last byte', () => {
    const { guest } = bound();
    expect(guest.holds(0, 65_536)).toBe(true);
    expect(guest.holds(65_535, 1)).toBe(true);
    expect(guest.holds(65_536, 0)).toBe(true);
    expect(guest.holds(65_535, 2)).toBe(false);
    expect(guest.holds(65_537, 0)).toBe(false);
  });

  it('does not wrap at 2^32', () => {
    const { guest } = bound();
    expect(guest.holds(0xffff_ffff, 1)).toBe(false);
    expect(guest.holds(0xffff_fff0, 0x20)).toBe(false);
    expect(guest.holds(0xffff_ffff, 0xffff_ffff)).toBe(false);
  });

  it('follows the memory when it grows, in the old part and the new', () => {
    const { memory, guest } = bound();
    guest.bytes[7] = 42;
    memory.grow(1);
    expect(guest.holds(7, 1)).toBe(true);
    expect(guest.bytes[7]).toBe(42);
    expect(guest.view.byteLength).toBe(131_072);
    memory.grow(1);
    expect(guest.holds(131_072, 65_536)).toBe(true);
  });

  it('holds nothing before a memory is bound', () => {
    const guest = new GuestMemory();
    expect(guest.holds(0, 1)).toBe(false);
  });

  it('throws the reason of the end at every access, and only the first reason', () => {
    const { guest } = bound();
    const reason = new Error('exit');
    guest.end(reason);
    guest.end(new Error('a later one'));
    expect(() => guest.holds(0, 1)).toThrow(reason);
    expect(() => guest.holds(65_000, 4)).toThrow(reason);
  });

  it('stays ended when a memory is bound later', () => {
    const { memory, guest } = bound();
    const reason = new Error('exit');
    guest.end(reason);
    guest.bind(memory);
    expect(() => guest.holds(0, 1)).toThrow(reason);
  });
});

describe('u64', () => {
  it('stores every exact integer as its eight bytes, and reads it back', () => {
    const { guest } = bound();
    assert(
      property(maxSafeNat(), (value) => {
        guest.setU64(8, value);
        expect(guest.view.getBigUint64(8, true)).toBe(BigInt(value));
        expect(guest.getU64(8)).toBe(value);
      }),
    );
  });
});

describe('text', () => {
  const put = (guest: GuestMemory, bytes: readonly number[]): void => guest.bytes.set(bytes, 100);

  it.each(['', 'a', 'file.txt', 'x'.repeat(128), 'x'.repeat(129), 'ä/ö', '日本', '\u{1f600}', 'nul\0inside'])(
    'reads %j the first time and again',
    (text) => {
      const { guest } = bound();
      const bytes = new TextEncoder().encode(text);
      guest.bytes.set(bytes, 100);
      expect(guest.getText(100, bytes.length)).toBe(text);
      expect(guest.getText(100, bytes.length)).toBe(text);
    },
  );

  it('keeps a byte order mark, which is part of a name', () => {
    const { guest } = bound();
    put(guest, [0xef, 0xbb, 0xbf, 0x61]);
    expect(guest.getText(100, 4)).toBe('\ufeffa');
  });

  it.each([
    ['a lone continuation', [0x80]],
    ['a cut sequence', [0x61, 0xc3]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['more than Unicode has', [0xf4, 0x90, 0x80, 0x80]],
    ['0xff', [0xff]],
  ])('answers undefined for %s', (_what, bytes) => {
    const { guest } = bound();
    put(guest, bytes);
    expect(guest.getText(100, bytes.length)).toBeUndefined();
  });

  it('never confuses strings that share a slot of its cache', () => {
    const { guest } = bound();
    assert(
      property(
        array(string({ unit: 'grapheme-ascii', maxLength: 12 }), { minLength: 1, maxLength: 300 }),
        (texts) => {
          for (const text of texts) {
            guest.bytes.set(new TextEncoder().encode(text), 100);
            expect(guest.getText(100, text.length)).toBe(text);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('writes whole characters only', () => {
    const { guest } = bound();
    expect(guest.setText(100, 4, 'aäö')).toBe(3);
    expect(guest.getText(100, 3)).toBe('aä');
    expect(guest.setText(100, 4, 'abcde')).toBe(4);
    expect(guest.getText(100, 4)).toBe('abcd');
  });

  it('writes any text as the encoder does, and no byte beyond it', () => {
    const { guest } = bound();
    assert(
      property(string({ unit: 'binary', maxLength: 200 }), (text) => {
        const bytes = new TextEncoder().encode(text);
        guest.bytes.fill(0xff, 100, 1000);
        expect(guest.setText(100, 900, text)).toBe(bytes.length);
        expect(guest.bytes.subarray(100, 101 + bytes.length)).toEqual(new Uint8Array([...bytes, 0xff]));
      }),
    );
  });
});
