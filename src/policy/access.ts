import type { Issue, Path, Report } from './source.ts';
import { suggest } from './suggest.ts';
import { listWords, quote, show } from './text.ts';
import { ACCESS_SHORT_NAMES, ACCESS_WORDS } from './words.ts';
import type { AccessShortName, AccessWord } from './words.ts';

/** Reads `access` of a filesystem rule. @returns sorted words */
export function readAccess(access: unknown, path: Path, report: Report): readonly AccessWord[] {
  if (typeof access === 'string') {
    if (isShortName(access)) return SORTED_SHORT_NAMES[access];
    report({ path, what: 'wrong value', ...accessFault(access) });
    return [];
  }
  if (!Array.isArray(access)) return [];
  const words = new Set<AccessWord>();
  access.forEach((word: unknown, index) => {
    if (isAccessWord(word) && words.has(word)) {
      report({ path: [...path, index], what: 'duplicate element', found: show(word) });
    } else if (isAccessWord(word)) {
      words.add(word);
    } else {
      report({ path: [...path, index], what: 'wrong value', ...wordFault(word) });
    }
  });
  return Object.freeze(SORTED_WORDS.filter((word) => words.has(word)));
}

const SORTED_WORDS = ACCESS_WORDS.toSorted();
const SORTED_SHORT_NAMES: typeof ACCESS_SHORT_NAMES = Object.freeze({
  read: Object.freeze(ACCESS_SHORT_NAMES.read.toSorted()),
  'read-write': Object.freeze(ACCESS_SHORT_NAMES['read-write'].toSorted()),
});

function isShortName(value: string): value is AccessShortName {
  return Object.hasOwn(ACCESS_SHORT_NAMES, value);
}

function isAccessWord(value: unknown): value is AccessWord {
  return (ACCESS_WORDS as readonly unknown[]).includes(value);
}

function accessFault(found: string): Pick<Issue, 'found' | 'expected' | 'hint'> {
  const expected = '"read", "read-write", or a list of access words';
  const suggestion = suggest(found, Object.keys(ACCESS_SHORT_NAMES));
  const hint = isAccessWord(found)
    ? `did you mean [${quote(found)}]?`
    : suggestion && `did you mean ${quote(suggestion)}?`;
  return { found: quote(found), expected, ...(hint === undefined ? {} : { hint }) };
}

function wordFault(found: unknown): Pick<Issue, 'found' | 'expected' | 'hint'> {
  const suggestion = typeof found === 'string' ? suggest(found, ACCESS_WORDS) : undefined;
  const hint =
    found === 'read-write'
      ? '`"read-write"` stands alone, without a list'
      : suggestion && `did you mean \`${suggestion}\`?`;
  return {
    found: show(found),
    expected: listWords(ACCESS_WORDS, 'or'),
    ...(hint === undefined ? {} : { hint }),
  };
}
