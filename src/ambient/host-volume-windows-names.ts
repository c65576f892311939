const DIGITS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '¹', '²', '³'];

/** Names of devices in every directory, also with an extension, and with digits that Windows takes for 1, 2 and 3. */
const DEVICES: ReadonlySet<string> = new Set([
  'con',
  'prn',
  'aux',
  'nul',
  'conin$',
  'conout$',
  ...['com', 'lpt'].flatMap((port) => DIGITS.map((digit) => port + digit)),
]);

const SPECIAL = '<>:"/\\|?*';

/**
 * @returns whether Windows takes `name` for a file of exactly this name: for no device, no stream (`:`), no path or drive,
 *   and not for the name without its last dots and spaces
 *
 * Source: https://learn.microsoft.com/windows/win32/fileio/naming-a-file; CVE-2024-51745, CVE-2025-27210
 */
export function isPlainOnWindows(name: string): boolean {
  for (const character of name) {
    if (character < ' ' || SPECIAL.includes(character)) return false;
  }
  if (name === '' || name.endsWith('.') || name.endsWith(' ')) return false;
  const [stem = ''] = name.split('.', 1);
  return !DEVICES.has(stem.trimEnd().toLowerCase());
}
