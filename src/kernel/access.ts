import { ACCESS_WORDS, type AccessWord } from '../policy/words.ts';

/** The access words of a filesystem rule as bits, so that a check is one `&`. */
export const Access = {
  read: 1,
  list: 2,
  create: 4,
  write: 8,
  append: 16,
  delete: 32,
  rename: 64,
  link: 128,
  symlink: 256,
  'set-times': 512,
} as const;

/** @returns the bits of `words`. */
export function accessBits(words: readonly AccessWord[]): number {
  let bits = 0;
  for (const word of words) bits |= Access[word];
  return bits;
}

/** @returns the words of `bits`, in the order of the policy language. */
export function accessWords(bits: number): AccessWord[] {
  return ACCESS_WORDS.filter((word) => (bits & Access[word]) !== 0);
}
