import { MAX_DEPTH } from './source.ts';

/**
 * Finds the first bracket of JSON text that opens one level too many. It comes before the parser, which recurses: what it
 * takes for strings and comments is exactly what the parser does (a broken string ends with its line).
 *
 * @returns its offset, or -1
 */
export function findTooDeep(text: string): number {
  let depth = 0;
  let i = 0;
  while (i < text.length) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) i = endOfString(text, i + 1);
    else if (code === SLASH) i = endOfComment(text, i);
    else {
      if (code === OPEN_BRACE || code === OPEN_BRACKET) {
        if (++depth > MAX_DEPTH) return i;
      } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--;
      i++;
    }
  }
  return -1;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const QUOTE = 0x22;
const STAR = 0x2a;
const SLASH = 0x2f;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

function endOfString(text: string, start: number): number {
  let i = start;
  while (i < text.length) {
    const code = text.charCodeAt(i);
    if (code === LINE_FEED || code === CARRIAGE_RETURN) return i;
    i += code === BACKSLASH ? 2 : 1;
    if (code === QUOTE) return i;
  }
  return i;
}

function endOfComment(text: string, start: number): number {
  const kind = text.charCodeAt(start + 1);
  if (kind === STAR) {
    const end = text.indexOf('*/', start + 2);
    return end === -1 ? text.length : end + 2;
  }
  let i = start + 1;
  if (kind !== SLASH) return i;
  while (i < text.length && text.charCodeAt(i) !== LINE_FEED && text.charCodeAt(i) !== CARRIAGE_RETURN) i++;
  return i;
}
