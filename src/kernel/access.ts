/**
 * The access words of a filesystem rule as bits, so that a check is one `&`.
 * The words are those of the policy language; see policies/policy.schema.json.
 */
export const Access = {
  read: 1 << 0,
  list: 1 << 1,
  create: 1 << 2,
  write: 1 << 3,
  append: 1 << 4,
  delete: 1 << 5,
  rename: 1 << 6,
  link: 1 << 7,
  symlink: 1 << 8,
  'set-times': 1 << 9,
} as const satisfies Record<string, number>;

export type AccessWord = keyof typeof Access;

const WORDS = Object.keys(Access) as AccessWord[];

/** @returns the bits of `words`. */
export function accessBits(words: readonly AccessWord[]): number {
  let bits = 0;
  for (const word of words) bits |= Access[word];
  return bits;
}

/** @returns the words of `bits`, in the order of the policy language. */
export function accessWords(bits: number): AccessWord[] {
  return WORDS.filter((word) => (bits & Access[word]) !== 0);
}
