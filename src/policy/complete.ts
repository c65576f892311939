import type { Layer, RuleEntry } from './extends.ts';
import type { RuleSection } from './rules.ts';
import type { Policy } from './types.ts';
import { compact } from './values.ts';
import { DEFAULT_AUDIT_LEVEL } from './words.ts';

/** Gives every section that the documents leave out the value that grants nothing, and every rule its id. */
export function complete({ sections, rules }: Layer): Policy {
  return compact<Policy>({
    $schema: sections.$schema,
    version: 1,
    name: sections.name,
    description: sections.description,
    filesystem: named('filesystem', rules),
    http: named('http', rules),
    sockets: named('sockets', rules),
    dns: named('dns', rules),
    network: sections.network,
    clocks: sections.clocks ?? NO_CLOCKS,
    random: sections.random ?? false,
    environment: sections.environment ?? NO_ENVIRONMENT,
    arguments: sections.arguments ?? false,
    stdio: sections.stdio ?? NO_STDIO,
    limits: sections.limits ?? NO_LIMITS,
    audit: sections.audit ?? LEAST_AUDIT,
  });
}

function named<S extends RuleSection>(section: S, entries: readonly RuleEntry[]): Policy[S] {
  const rules = entries.filter((entry) => entry.section === section).map(({ rule }) => rule);
  return Object.freeze(
    rules.map((rule, position) => Object.freeze({ ...rule, id: rule.id ?? `${section}/${position}` })),
  ) as readonly object[] as Policy[S];
}

const NO_CLOCKS: Policy['clocks'] = Object.freeze({ wall: false, monotonic: false });
const NO_ENVIRONMENT: Policy['environment'] = Object.freeze(Object.create(null) as Policy['environment']);
const NO_STDIO: Policy['stdio'] = Object.freeze({ stdin: false, stdout: false, stderr: false });
const NO_LIMITS: Policy['limits'] = Object.freeze({});
const LEAST_AUDIT: Policy['audit'] = Object.freeze({ level: DEFAULT_AUDIT_LEVEL });
