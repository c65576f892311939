import { expect, test } from 'vitest';
import { findTooDeep } from '../../../src/policy/depth.ts';
import { fromPointer, toPointer } from '../../../src/policy/source.ts';
import { editDistance, suggest } from '../../../src/policy/suggest.ts';
import { escapeControls, hasControl, listWords, quote, show } from '../../../src/policy/text.ts';

test.each([
  ['\u0000', true],
  ['\u001b', true],
  ['\n', true],
  [' ', false],
  ['~', false],
  ['\u007f', true],
  ['\u009b', true],
  ['\u00a0', false],
  ['é', false],
  ['\u202e', true],
  ['\u2066', true],
  ['\u2028', true],
  ['\u200f', true],
  ['\ufeff', true],
  ['😀', false],
])('%j is a control character: %s', (character, expected) => {
  expect(hasControl(`a${character}b`)).toBe(expected);
});

test('control characters are escaped as in JSON', () => {
  expect(escapeControls('a\u001b[31m\u009b\u202eé')).toBe('a\\u001b[31m\\u009b\\u202eé');
  expect(JSON.parse(escapeControls(JSON.stringify('\u009b\u202e')))).toBe('\u009b\u202e');
});

test('long text is cut', () => {
  expect(quote('x'.repeat(60))).toBe(`"${'x'.repeat(60)}"`);
  expect(quote('x'.repeat(61))).toBe(`"${'x'.repeat(60)}"…`);
});

test.each([
  [[], 'an empty array'],
  [[1], 'an array'],
  [{}, 'an empty object'],
  [{ a: 1 }, 'an object'],
  [null, 'null'],
  [-0, '0'],
  ['a"b', '"a\\"b"'],
])('%j is shown as %s', (value, shown) => {
  expect(show(value)).toBe(shown);
});

test('words are listed', () => {
  expect(listWords(['a'], 'or')).toBe('`a`');
  expect(listWords(['a', 'b', 'c'], 'or')).toBe('`a`, `b` or `c`');
});

test.each([
  ['', '', 0],
  ['abc', 'abc', 0],
  ['abc', 'abd', 1],
  ['abc', 'acb', 1],
  ['abc', 'ab', 1],
  ['', 'abc', 3],
  ['ca', 'abc', 3],
  ['kitten', 'sitting', 3],
])('%j and %j are %d edits apart', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
  expect(editDistance(b, a)).toBe(distance);
});

test.each([
  ['acess', 'access'],
  ['ACCESS', 'access'],
  ['raed', 'read'],
  ['hosts', 'host'],
  ['x', undefined],
  ['quux', undefined],
  ['access'.repeat(100), undefined],
])('%j suggests %j', (found, expected) => {
  expect(suggest(found, ['read', 'access', 'host'])).toBe(expected);
});

test('pointers are those of RFC 6901', () => {
  expect(toPointer([])).toBe('');
  expect(toPointer(['a/b', 'm~n', 0, ''])).toBe('/a~1b/m~0n/0/');
  expect(fromPointer('/a~1b/m~0n/0/')).toEqual(['a/b', 'm~n', '0', '']);
  expect(fromPointer(toPointer(['~1']))).toEqual(['~1']);
});

test.each([
  ['', -1],
  ['['.repeat(64), -1],
  ['['.repeat(65), 64],
  [`"${'['.repeat(100)}"`, -1],
  [`"\\"${'['.repeat(100)}"`, -1],
  [`// ${'['.repeat(100)}`, -1],
  [`// \n${'['.repeat(65)}`, 68],
  [`/* ${'['.repeat(100)} */`, -1],
  [`/* */${'['.repeat(65)}`, 69],
  [`"]]]"${'['.repeat(65)}`, 69],
  ['[]'.repeat(100), -1],
  [`"open\n${'['.repeat(65)}`, 70],
  [`/ ${'{'.repeat(65)}`, 66],
])('too deep in %j: %d', (text, offset) => {
  expect(findTooDeep(text)).toBe(offset);
});
