/** Longest guest-controlled text in a record, in UTF-16 code units. */
const MAX_TEXT = 256;

// Controls, line and paragraph separators, invisible and bidirectional format characters, lone surrogates: whatever
// could break a line, drive a terminal, or let one name look like another. The backslash, so that a name with the
// letters of an escape in it is told from an escape.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\\]/gu;

/** Bounds and escapes text that a guest controls, so that it is safe in a log line, a terminal and a page. */
export function escapeText(text: string): string {
  const bounded = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
  return bounded.replace(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
