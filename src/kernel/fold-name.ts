/**
 * @returns one form for all names that some file system takes for the same: case folded, normalised (NFC), and without
 *   the characters that show nothing, which ext4 with case folding and HFS+ ignore (git CVE-2014-9390)
 */
export function foldName(name: string): string {
  return isFolded(name)
    ? name
    : withoutIgnorables(name).normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}

/** Most names are ASCII without capitals, and their own folded form. */
function isFolded(name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    if (unit >= 0x80 || (unit >= 0x41 && unit <= 0x5a)) return false;
  }
  return true;
}

function withoutIgnorables(name: string): string {
  let kept = '';
  for (const character of name) if (!isIgnorable(character.codePointAt(0) as number)) kept += character;
  return kept;
}

/** Ranges of Default_Ignorable_Code_Point (Unicode 16, DerivedCoreProperties.txt). */
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

function isIgnorable(code: number): boolean {
  return code >= 0xad && IGNORABLE.some(([first, last]) => code >= first && code <= last);
}
