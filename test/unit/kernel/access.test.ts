import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Access, accessBits, accessWords } from '../../../src/kernel/access.ts';
import { ACCESS_WORDS, type AccessWord } from '../../../src/policy/index.ts';

test('the words are those of the policy language, each with a bit of its own', () => {
  expect(Object.keys(Access)).toEqual(ACCESS_WORDS);
  expect(accessBits(ACCESS_WORDS)).toBe(2 ** ACCESS_WORDS.length - 1);
});

test('words become bits and the same words again, in the order of the policy language', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray<AccessWord>([...ACCESS_WORDS]), (words) => {
      expect(accessWords(accessBits(words))).toEqual(ACCESS_WORDS.filter((word) => words.includes(word)));
    }),
  );
});
