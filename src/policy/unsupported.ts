// Words of the language that this release does not enforce. They are refused: accepted in silence, they would promise a
// restriction or a grant that is not there.
import type { Report } from './source.ts';
import { isObject } from './values.ts';

const LIMITS = ['cpu'] as const;
const DNS_BUDGET = ['concurrent'] as const;

export function reportUnsupported(document: Readonly<Record<string, unknown>>, report: Report): void {
  const { limits, dns } = document;
  reportWords(limits, ['limits'], LIMITS, report);
  if (!Array.isArray(dns)) return;
  for (const [index, rule] of dns.entries()) {
    if (isObject(rule)) reportWords(rule['budget'], ['dns', index, 'budget'], DNS_BUDGET, report);
  }
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
