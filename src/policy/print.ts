import canonicalize from 'canonicalize';
import { normalizePolicy } from './parse.ts';
import { RULE_SECTIONS } from './rules.ts';
import { escapeControls } from './text.ts';
import type { Policy } from './types.ts';

/**
 * The text whose SHA-256 is the policy's digest: RFC 8785 form of the normal form, without `$schema` and descriptions.
 * Policies that mean the same rule by rule have one text, however they were written; names in patterns and contents of
 * files count as they stand there, so that a text is not its base64.
 */
export function canonicalPolicy(policy: Policy): string {
  const { $schema: _, description: __, ...rest } = normalizePolicy(policy);
  const rules = RULE_SECTIONS.map((section) => [section, rest[section].map(withoutDescription)] as const);
  const text = canonicalize({ ...rest, ...Object.fromEntries(rules) });
  if (text === undefined) throw new TypeError('a policy has a canonical form');
  return text;
}

function withoutDescription(described: { readonly description?: string }): object {
  const { description: _, ...rule } = described;
  return rule;
}

/** Readable JSON with a line end at its end; {@link parsePolicy} gives the same policy back. Safe to show on a terminal. */
export function printPolicy(policy: Policy): string {
  const lines = JSON.stringify(normalizePolicy(policy), undefined, 2).split('\n');
  return `${lines.map(escapeControls).join('\n')}\n`;
}
