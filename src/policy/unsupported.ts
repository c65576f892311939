// Words of the language that this release does not enforce. They are refused: accepted in silence, they would promise a
// restriction or a grant that is not there.
import type { Report } from './source.ts';
import { isObject } from './values.ts';

const LIMITS = ['cpu'] as const;

export function reportUnsupported(document: Readonly<Record<string, unknown>>, report: Report): void {
  const { limits } = document;
  reportWords(limits, ['limits'], LIMITS, report);
}

function reportWords(
  value: unknown,
  path: readonly (string | number)[],
  words: readonly string[],
  report: Report,
): void {
  if (!isObject(value)) return;
  for (const word of words) {
    if (value[word] !== undefined)
      report({ path: [...path, word], onKey: true, what: `\`${word}\` is not supported yet` });
  }
}
