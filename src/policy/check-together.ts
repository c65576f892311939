import { formatPlace } from './errors.ts';
import type { RuleEntry } from './extends.ts';
import type { ProblemList } from './problem-list.ts';
import { toPointer } from './source.ts';
import { quote } from './text.ts';

/** What no rule shows alone: one id, or one mount, for two of them. */
export function checkTogether(rules: readonly RuleEntry[], problems: ProblemList): void {
  const ids = new Map<string, RuleEntry>();
  const mounts = new Map<string, RuleEntry>();
  for (const entry of rules) {
    const { id, mount } = entry.rule;
    if (id !== undefined) checkUnique('id', id, entry, ids, problems);
    if (mount !== '') checkUnique('mount', mount, entry, mounts, problems);
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
  const path = ['filesystem', entry.index, key];
  const what = key === 'id' ? 'two rules with one identifier' : 'two rules on one mount path';
  problems.add(entry.source, [
    { path, what, found: quote(value), hint: `the other one is at ${placeOf(first, key)}` },
  ]);
}

function placeOf({ source, index }: RuleEntry, key: string): string {
  const path = ['filesystem', index, key];
  const position = source.locate({ path, what: '' });
  return formatPlace(source.file, position?.line, position?.column) || toPointer(path);
}
