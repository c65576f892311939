import { accessWords } from './access.ts';
import type { Grant } from './grant.ts';
import type { UseBudget } from './budget.ts';
import { Permit } from './permit.ts';
import type { DenialReason, OwnerAction, Recorder } from './recorder.ts';
import type { Operation, Request } from './request.ts';

const issuePermit = Permit.claimIssuer();

/** How much the guard records of what it allows; denials and limits are recorded at every level. */
export type UseLevel = 'none' | 'first' | 'every';

/**
 * The one choke point of an instance: decide → record → permit.
 *
 * The fast path is one comparison and one increment; everything that allocates happens on a first use, a denial or
 * a passed limit. A decision that cannot be recorded is a denial.
 */
export class Guard {
  readonly #recorder: Recorder;
  readonly #uses: UseLevel;

  constructor(recorder: Recorder, uses: UseLevel) {
    this.#recorder = recorder;
    this.#uses = uses;
  }

  /**
   * Asks for `need` bits of `grant`.
   *
   * @param subject what is asked for, as the log will name it: a guest path, a stream; not read on the fast path
   * @returns false when the request is denied, which is then on record (or could not be recorded)
   */
  admit(grant: Grant, need: number, operation: Operation, subject: string): boolean {
    if ((grant.open & need) === need) {
      grant.uses++;
      return true;
    }
    return this.#decide(grant, need, operation, subject);
  }

  /** Like {@link admit}, for backends that touch the machine: they take the permit. */
  permit(grant: Grant, need: number, operation: Operation, subject: string): Permit | undefined {
    return this.admit(grant, need, operation, subject) ? (grant.permit ??= issuePermit(grant.id)) : undefined;
  }

  /**
   * For what has to be known before it can be decided whether the rule covers a request: the addresses of the rule's own
   * name. No use of the grant, and nothing of the guest's is in it.
   *
   * @returns undefined when the grant was taken back
   */
  permitLookup(grant: Grant): Permit | undefined {
    return grant.revoked ? undefined : issuePermit(grant.id);
  }

  /** Records that no rule covers the request. */
  refuse(operation: Operation, subject: string, access?: number): void {
    this.#recordDenial(undefined, describe(operation, subject, access), 'not-granted');
  }

  /** Records that the request lies outside of the paths that its rule is for. */
  refusePath(grant: Grant, operation: Operation, subject: string): void {
    this.#recordDenial(grant, describe(operation, subject, undefined), 'outside-paths');
  }

  /** Records that a name of the rule has an address that the rule does not allow. */
  refuseAddress(grant: Grant, operation: Operation, subject: string): void {
    this.#recordDenial(grant, describe(operation, subject, undefined), 'address-forbidden');
  }

  /** Records a passed limit. A limit is an outcome of its own: it is no denial, and it stands even unrecorded. */
  limited(limit: string, value: number, operation?: Operation, subject = ''): void {
    try {
      this.#recorder.limited(limit, value, operation && { operation, subject });
    } catch {
      // The bound holds whether or not the log does.
    }
  }

  /**
   * For what the embedder does with the files of a mount, whose owner it is: recorded, then permitted, also when the
   * grant was taken back.
   *
   * @throws when it cannot be recorded
   */
  permitOwner(grant: Grant, action: OwnerAction): Permit {
    this.#recorder.owned(grant, action);
    return issuePermit(grant.id);
  }

  /** Takes a grant back: every later request is denied. */
  revoke(grant: Grant): void {
    grant.revoked = true;
    grant.open = 0;
    grant.permit = undefined;
    grant.wakeWatchers();
  }

  #decide(grant: Grant, need: number, operation: Operation, subject: string): boolean {
    grant.spent = undefined;
    if (grant.revoked || (grant.access & need) !== need) {
      const reason = grant.revoked ? 'revoked' : 'not-granted';
      this.#recordDenial(grant, describe(operation, subject, accessOf(grant, need)), reason);
      return false;
    }
    const spent = takeAll(grant.budgets);
    if (spent !== undefined) {
      grant.spent = spent;
      this.limited(spent.name, spent.amount, operation, subject);
      return false;
    }
    if (!this.#recordUse(grant, need, operation, subject)) return false;
    // With a budget every use comes through here.
    if (this.#uses !== 'every' && grant.budgets.length === 0) grant.open |= need;
    grant.uses++;
    return true;
  }

  /** @returns false when the use should be on record and cannot be */
  #recordUse(grant: Grant, need: number, operation: Operation, subject: string): boolean {
    if (this.#uses === 'none') return true;
    if (this.#uses === 'first' && (grant.recorded & need) === need) return true;
    try {
      this.#recorder.used(grant, describe(operation, subject, accessOf(grant, need)));
    } catch {
      return false;
    }
    grant.recorded |= need;
    return true;
  }

  #recordDenial(grant: Grant | undefined, request: Request, reason: DenialReason): void {
    try {
      this.#recorder.denied(grant, request, reason);
    } catch {
      // Denied all the same: a log that fails must not turn a denial into anything else.
    }
  }
}

/** Takes one from each budget, or from none. @returns the one that has nothing left */
function takeAll(budgets: readonly UseBudget[]): UseBudget | undefined {
  for (const [index, budget] of budgets.entries()) {
    if (budget.take()) continue;
    for (const taken of budgets.slice(0, index)) taken.give();
    return budget;
  }
  return undefined;
}

/** Access words belong to requests of files only. */
function accessOf(grant: Grant, need: number): number | undefined {
  return grant.section === 'filesystem' ? need : undefined;
}

function describe(operation: Operation, subject: string, access: number | undefined): Request {
  return access === undefined ? { operation, subject } : { operation, subject, access: accessWords(access) };
}
