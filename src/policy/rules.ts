import type { Path, Report } from './source.ts';
import { quote } from './text.ts';
import type { DnsRule, FilesystemRule, HttpRule, SocketsRule } from './types.ts';
import { asString, isObject } from './values.ts';
import type { JsonObject } from './values.ts';

/** The sections that are lists of rules, in the order of the policy language. Policies that are extended add to them. */
export const RULE_SECTIONS = ['filesystem', 'http', 'sockets', 'dns'] as const;

export type RuleSection = (typeof RULE_SECTIONS)[number];

/** A rule whose id is not decided yet: one that has none gets its position in the effective policy. */
export type Unnamed<Rule extends { readonly id: string }> = Omit<Rule, 'id'> & {
  readonly id: string | undefined;
};

/** Rules as one document has them. */
export interface UnnamedRules {
  /** `mount` is empty where there is none that can be read, which was reported. */
  readonly filesystem: Unnamed<FilesystemRule>;
  readonly http: Unnamed<HttpRule>;
  readonly sockets: Unnamed<SocketsRule>;
  readonly dns: Unnamed<DnsRule>;
}

/** Reads the rules of a section. @param read gets what is no object as an empty one */
export function readRules<Rule>(
  rules: unknown,
  section: RuleSection,
  report: Report,
  read: (rule: JsonObject, path: Path, report: Report) => Rule,
): readonly Rule[] | undefined {
  if (!Array.isArray(rules)) return undefined;
  return rules.map((rule, index) => read(isObject(rule) ? rule : NOTHING, [section, index], report));
}

const NOTHING: Readonly<Record<string, never>> = Object.freeze({});

/**
 * Reads the id of a rule. The form of a generated one means the same as none, so that a printed normal form can be parsed,
 * and extended, again.
 *
 * @param path of the rule
 */
export function readId(id: unknown, path: Path, report: Report): string | undefined {
  if (typeof id !== 'string' || !id.includes('/')) return asString(id);
  const generated = path.join('/');
  if (id === generated) return undefined;
  const expected = `1 to 64 of \`a-z 0-9 . _ -\`, or ${quote(generated)} for a rule without a name at this position`;
  report({ path: [...path, 'id'], what: 'wrong identifier', found: quote(id), expected });
  return undefined;
}
