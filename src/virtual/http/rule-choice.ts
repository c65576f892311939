import type { Guard } from '../../kernel/guard.ts';
import type { HttpEgressRule } from '../network/egress-rules.ts';
import { permitFirst, type Permitted } from '../network/permit-first.ts';
import type { HttpError } from './http-error.ts';
import type { NamedTarget } from './request-target.ts';

const LIMITED: HttpError = { tag: 'connection-limit-reached' };
const DENIED: HttpError = { tag: 'HTTP-request-denied' };
const PROHIBITED: HttpError = { tag: 'destination-IP-prohibited' };

/** The rules that are for one request, asked one after the other. Each answer but a permit is on record once. */
export class RuleChoice {
  readonly #guard: Guard;
  readonly #subject: string;
  #left: readonly HttpEgressRule[];

  constructor(guard: Guard, rules: readonly HttpEgressRule[], { target, subject }: NamedTarget) {
    this.#guard = guard;
    this.#subject = subject;
    this.#left = rules.filter(({ matcher }) => matcher.matches(target));
  }

  /** The next rule that allows the request. Its `concurrent` is taken, and the caller's to give back. */
  next(): Permitted<HttpEgressRule> | HttpError {
    const rules = this.#left;
    const taken = new Set(rules.filter(({ grant, concurrent }) => !grant.revoked && concurrent?.take()));
    const asked = rules.filter((rule) => rule.grant.revoked || !rule.concurrent || taken.has(rule));
    const full = rules.find((rule) => !asked.includes(rule))?.concurrent;
    if (asked.length === 0 && full !== undefined) {
      this.#guard.limited(full.name, full.limit, 'http-request', this.#subject);
      return LIMITED;
    }
    const permitted = permitFirst(this.#guard, asked, 'http-request', this.#subject);
    for (const rule of taken) if (rule !== permitted?.rule) rule.concurrent?.give();
    this.#left = permitted === undefined ? [] : rules.slice(rules.indexOf(permitted.rule) + 1);
    return permitted ?? (asked.some(({ grant }) => grant.spent !== undefined) ? LIMITED : DENIED);
  }

  /** The same after a rule whose name has an address that the rule does not allow. */
  nextAfterAddress({ grant }: HttpEgressRule): Permitted<HttpEgressRule> | HttpError {
    if (this.#left.length > 0) return this.next();
    this.#guard.refuseAddress(grant, 'http-request', this.#subject);
    return PROHIBITED;
  }
}
