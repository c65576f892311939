/** Characters that go into the number, of 7 bits each: together they still are a small integer for V8. */
const CHARACTERS = 4;
const BITS = 7;

/**
 * The first characters of a path after its slash, as one number. A rule compares it before anything else: of hundreds of
 * rules, all but a few say no by it, without a look at any text.
 *
 * @param path in normal form, so that it is ASCII
 */
export function startOfPath(path: string): number {
  let start = 0;
  for (let index = 1; index <= CHARACTERS; index++) {
    start = (start << BITS) | (index < path.length ? path.charCodeAt(index) : 0);
  }
  return start;
}

/** @returns the bits of {@link startOfPath} that are the same for every path that begins with `prefix` */
export function maskOfPrefix(prefix: string): number {
  const unknown = Math.max(0, CHARACTERS + 1 - Math.max(1, prefix.length));
  return ((1 << (CHARACTERS * BITS)) - 1) & ~((1 << (unknown * BITS)) - 1);
}
