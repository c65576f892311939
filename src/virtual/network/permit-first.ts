import { GRANTED, type Grant } from '../../kernel/grant.ts';
import type { Guard } from '../../kernel/guard.ts';
import type { Permit } from '../../kernel/permit.ts';
import type { Operation } from '../../kernel/request.ts';

/** A rule that allows a request, and the proof of it. */
export interface Permitted<R> {
  readonly rule: R;
  readonly permit: Permit;
}

/**
 * Asks the rules that are for a request, one after the other, until one allows it. Only when none does there is a denial on
 * record: that the last one was taken back, or that no rule covers the request.
 *
 * @returns undefined when it is denied, or when what would allow it is used up (the limit is on record then)
 */
export function permitFirst<R extends { readonly grant: Grant }>(
  guard: Guard,
  rules: readonly R[],
  operation: Operation,
  subject: string,
): Permitted<R> | undefined {
  let revoked: R | undefined;
  let asked = false;
  for (const rule of rules) {
    if (rule.grant.revoked) {
      revoked = rule;
      continue;
    }
    asked = true;
    const permit = guard.permit(rule.grant, GRANTED, operation, subject);
    if (permit !== undefined) return { rule, permit };
  }
  if (asked) return undefined;
  if (revoked === undefined) guard.refuse(operation, subject);
  else guard.admit(revoked.grant, GRANTED, operation, subject);
  return undefined;
}
