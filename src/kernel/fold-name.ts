/**
 * Gives names that a file system could take for one name the same form: ext4 and APFS may ignore case, HFS+ and APFS
 * ignore normalisation, and some ignore characters that nobody sees. An exception that compares names as they are would
 * let `Drafts` or a decomposed `é` pass (CVE-2026-49401, CVE-2014-9390, CVE-2026-23950 for `ß` and `ss`).
 *
 * Coarser than any one file system: it may say "same" where one tells names apart, for a denial never the reverse.
 *
 * @returns `name` itself, without allocating, when it is ASCII without capitals
 */
export function foldName(name: string): string {
  let capital = false;
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    if (unit >= 0x80) return foldUnicode(name);
    if (unit >= 0x41 && unit <= 0x5a) capital = true;
  }
  return capital ? name.toLowerCase() : name;
}

/**
 * Full case folding over NFD (Unicode D145). One mapping alone is not enough: only upper case joins `ß` and `ss`, or the
 * long `ſ` and `s`; only lower case first joins `ẞ` to them. It also joins dotless `ı` and `i`, as upper case does.
 */
function foldUnicode(name: string): string {
  const folded = withoutIgnorables(name).normalize('NFD').toLowerCase().toUpperCase().toLowerCase();
  // Lower case depends on the end of the word for this one letter, and a piece of a pattern ends elsewhere.
  return folded.replaceAll('ς', 'σ').normalize('NFC');
}

/** Ranges of Default_Ignorable_Code_Point (Unicode 16, DerivedCoreProperties.txt), in order. */
const IGNORABLE: readonly (readonly [first: number, last: number])[] = [
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfff8],
  [0x1bca0, 0x1bca3],
  [0x1d173, 0x1d17a],
  [0xe0000, 0xe0fff],
];

function withoutIgnorables(name: string): string {
  let kept = '';
  for (const character of name) if (!isIgnorable(character.codePointAt(0) ?? 0)) kept += character;
  return kept;
}

function isIgnorable(point: number): boolean {
  for (const [first, last] of IGNORABLE) {
    if (point < first) return false;
    if (point <= last) return true;
  }
  return false;
}
