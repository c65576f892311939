import { isUtf8 } from 'node:buffer';
import { readdirSync } from 'node:fs';

/**
 * A guest's names are Unicode: a name of the host that is not UTF-8 cannot be asked for and is left out. Names are
 * read as text, which replaces what is not UTF-8, and read again as bytes when that may have happened.
 */
export function utf8Names(path: string): string[] {
  const names = readdirSync(path);
  if (!names.some((name) => name.includes('\uFFFD'))) return names;
  return readdirSync(path, 'buffer').flatMap((name) => (isUtf8(name) ? [name.toString()] : []));
}
