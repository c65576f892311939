// Words of the language that this release does not enforce. They are refused: accepted in silence, they would promise a
// restriction or a grant that is not there.
import type { Report } from './source.ts';
import { isObject } from './values.ts';

const SECTIONS = ['http', 'sockets', 'dns'] as const;
const LIMITS = ['cpu'] as const;

export function reportUnsupported(document: Readonly<Record<string, unknown>>, report: Report): void {
  for (const section of SECTIONS) {
    const rules = document[section];
    // A list without rules grants nothing, and that is enforced.
    if (rules === undefined || (Array.isArray(rules) && rules.length === 0)) continue;
    report({ path: [section], onKey: true, what: `the section \`${section}\` is not supported yet` });
  }
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
