// What holds for every key and every string of a policy, wherever it stands.
import type { Path, Report } from './source.ts';
import { hasControl, quote } from './text.ts';

/**
 * @param path of the object; may change later
 * @returns false when the key must not become a property
 */
export function checkKey(key: string, path: Path, report: Report): boolean {
  if (key === '__proto__') {
    report({ path: [...path, key], onKey: true, what: 'forbidden key', found: quote(key) });
    return false;
  }
  if (!key.isWellFormed()) {
    report({
      path: [...path, key],
      onKey: true,
      what: 'not a Unicode string',
      found: quote(key),
      hint: LONE,
    });
  } else if (hasControl(key)) {
    report({ path: [...path, key], onKey: true, what: 'control character in a key', found: quote(key) });
  }
  return true;
}

export function checkString(text: string, path: Path, report: Report): void {
  if (!text.isWellFormed()) {
    report({ path: [...path], what: 'not a Unicode string', found: quote(text), hint: LONE });
  } else if (!isFreeText(path) && hasControl(text)) {
    report({ path: [...path], what: 'control character', found: quote(text) });
  }
}

const LONE = 'half of a surrogate pair (`\\ud800` to `\\udfff`) stands alone';

/** Descriptions, values of variables, contents of files and seeds are not names: line ends and the like are theirs to have. */
function isFreeText(path: Path): boolean {
  const key = path.at(-1);
  return key === 'description' || key === 'seed' || path[0] === 'environment' || path.at(-2) === 'files';
}
