import { formatPlace } from './errors.ts';
import type { RuleEntry } from './extends.ts';
import type { ProblemList } from './problem-list.ts';
import { toPointer } from './source.ts';
import { quote } from './text.ts';

/** What no rule shows alone: one id, of whatever sections, or one mount, for two of them. */
export function checkTogether(rules: readonly RuleEntry[], problems: ProblemList): void {
  const ids = new Map<string, RuleEntry>();
  const mounts = new Map<string, RuleEntry>();
  for (const entry of rules) {
    const { id } = entry.rule;
    if (id !== undefined) checkUnique('id', id, entry, ids, problems);
    if (entry.section === 'filesystem' && entry.rule.mount !== '')
      checkUnique('mount', entry.rule.mount, entry, mounts, problems);
  }
}

function checkUnique(
  key: 'id' | 'mount',
  value: string,
  entry: RuleEntry,
  known: Map<string, RuleEntry>,
  problems: ProblemList,
): void {
  const first = known.get(value);
  if (first === undefined) {
    known.set(value, entry);
    return;
  }
  const path = [entry.section, entry.index, key];
  const what = key === 'id' ? 'two rules with one identifier' : 'two rules on one mount path';
  problems.add(entry.source, [
    { path, what, found: quote(value), hint: `the other one is at ${placeOf(first, key)}` },
  ]);
}

function placeOf({ section, source, index }: RuleEntry, key: string): string {
  const path = [section, index, key];
  const position = source.locate({ path, what: '' });
  return formatPlace(source.file, position?.line, position?.column) || toPointer(path);
}
