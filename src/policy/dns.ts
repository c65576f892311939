import { formatHostPattern, parseHostPattern } from './address/host.ts';
import { readDnsBudget } from './budgets.ts';
import { hostFault } from './host-faults.ts';
import { readId, readRules } from './rules.ts';
import type { UnnamedRules } from './rules.ts';
import type { Fault } from './faults.ts';
import type { Path, Report } from './source.ts';
import { quote } from './text.ts';
import { asString, compact } from './values.ts';
import type { JsonObject } from './values.ts';

export function readDns(section: unknown, report: Report): readonly UnnamedRules['dns'][] | undefined {
  return readRules(section, 'dns', report, readRule);
}

function readRule(rule: JsonObject, path: Path, report: Report): UnnamedRules['dns'] {
  return compact<UnnamedRules['dns']>({
    id: readId(rule['id'], path, report),
    description: asString(rule['description']),
    names: readNames(rule['names'], [...path, 'names'], report),
    budget: readDnsBudget(rule['budget']),
  });
}

function readNames(names: unknown, path: Path, report: Report): readonly string[] {
  if (!Array.isArray(names)) return [];
  const read = new Set<string>();
  names.forEach((name: unknown, index) => {
    if (typeof name !== 'string') return;
    const pattern = parseHostPattern(name);
    if (pattern?.kind === 'name' || pattern?.kind === 'subdomains')
      read.add(formatHostPattern(pattern, 'plain'));
    else report({ path: [...path, index], what: 'wrong name', found: quote(name), ...nameFault(name) });
  });
  return Object.freeze([...read].toSorted());
}

function nameFault(name: string): Fault {
  const expected = 'a name, or `*.` and a name';
  if (parseHostPattern(name) !== undefined) return { expected, hint: 'an address needs no lookup' };
  if (/^[a-z]+:\/\//i.test(name)) return { expected, hint: 'a name stands without a scheme' };
  if (/^[^:]+:[0-9]+$/.test(name)) return { expected, hint: 'a name stands without a port' };
  // What a block should be is no name either.
  const { hint } = name.includes('/') ? {} : hostFault(name);
  return { expected, ...(hint === undefined ? {} : { hint }) };
}
