import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeText } from '../../../src/audit/escape-text.ts';

test.each([
  ['a path', '/data/größe 2.csv', '/data/größe 2.csv'],
  ['a line end', 'a\r\nb', 'a\\u{d}\\u{a}b'],
  ['an ANSI escape', '\u001b[2J', '\\u{1b}[2J'],
  ['the one-byte form of it', '\u009b2J', '\\u{9b}2J'],
  ['DEL and NUL', '\u007f\0', '\\u{7f}\\u{0}'],
  ['a line separator', 'a\u2028b\u2029', 'a\\u{2028}b\\u{2029}'],
  ['a bidirectional override', 'txt\u202egpj.exe', 'txt\\u{202e}gpj.exe'],
  ['a bidirectional isolate', '\u2066a\u2069', '\\u{2066}a\\u{2069}'],
  ['a zero-width space', 'pay\u200bpal', 'pay\\u{200b}pal'],
  ['a tag character beyond the first plane', 'a\u{e0041}', 'a\\u{e0041}'],
  ['half of a surrogate pair', 'a\ud800b', 'a\\u{d800}b'],
  ['a whole surrogate pair', '😀', '😀'],
  ['the letters of an escape', '\\u{1b}', '\\u{5c}u{1b}'],
])('%s', (_, text, escaped) => {
  expect(escapeText(text)).toBe(escaped);
});

test('long text is cut, and says so', () => {
  expect(escapeText('a'.repeat(256))).toBe('a'.repeat(256));
  expect(escapeText('a'.repeat(257))).toBe(`${'a'.repeat(256)}…`);
  expect(escapeText(`${'a'.repeat(255)}😀`)).toBe(`${'a'.repeat(255)}\\u{d83d}…`);
});

test('whatever the guest says, a record gets well-formed text on one line, of bounded length', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
      const escaped = escapeText(text);
      expect(escaped.isWellFormed()).toBe(true);
      expect(escaped).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(escaped.length).toBeLessThanOrEqual(257 * '\\u{10ffff}'.length);
    }),
  );
});
