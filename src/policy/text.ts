// Text that comes from a policy, on its way into errors and logs.

/**
 * Characters that can forge a line or a place in an error, a log or a terminal: C0, DEL, C1, line and paragraph
 * separators, bidirectional marks and overrides ("Trojan Source", CVE-2021-42574), and the byte order mark.
 */
function isControl(code: number): boolean {
  if (code < 0x20) return true;
  if (code < 0x7f) return false;
  return (
    code <= 0x9f ||
    code === 0x061c ||
    code === 0x200e ||
    code === 0x200f ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069) ||
    code === 0xfeff
  );
}

export function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (isControl(text.charCodeAt(i))) return true;
  }
  return false;
}

/** Writes control characters as `\uXXXX`, which inside of a JSON string means the same. */
export function escapeControls(text: string): string {
  if (!hasControl(text)) return text;
  let escaped = '';
  for (const character of text) {
    const code = character.charCodeAt(0);
    escaped += isControl(code) ? `\\u${code.toString(16).padStart(4, '0')}` : character;
  }
  return escaped;
}

/** `text` as a JSON string that is safe to print, cut when it is long. */
export function quote(text: string): string {
  const short = cut(text, 60);
  const quoted = escapeControls(JSON.stringify(short));
  return short === text ? quoted : `${quoted}…`;
}

export function cut(text: string, length: number): string {
  return text.length > length ? text.slice(0, length) : text;
}

/** A value as an error shows it: short, and safe to print. */
export function show(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (typeof value === 'object' && value !== null) {
    return Object.keys(value).length === 0 ? 'an empty object' : 'an object';
  }
  return String(value);
}

/** `` `a`, `b` or `c` `` */
export function listWords(words: readonly string[], conjunction: 'or' | 'and'): string {
  const quoted = words.map((word) => `\`${word}\``);
  const last = quoted.pop() ?? '';
  return quoted.length === 0 ? last : `${quoted.join(', ')} ${conjunction} ${last}`;
}
