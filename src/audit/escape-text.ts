/** Longest guest-controlled text in a record, in UTF-16 code units. */
const MAX_TEXT = 256;

// C0 and C1 controls, DEL, line and paragraph separators, bidirectional controls, lone surrogates: whatever could
// break a line, drive a terminal or reorder what a reader sees.
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Cs}/gu;

/** Bounds and escapes text that a guest controls, so that it is safe in a log line, a terminal and a page. */
export function escapeText(text: string): string {
  const bounded = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
  return bounded.replace(UNSAFE, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`);
}
