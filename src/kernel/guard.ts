import { accessWords } from './access.ts';
import type { Grant } from './grant.ts';
import { Permit } from './permit.ts';
import type { Recorder } from './recorder.ts';
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

  /** Records that no rule covers the request. */
  refuse(operation: Operation, subject: string, access?: number): void {
    this.#recordDenial(undefined, describe(operation, subject, access));
  }

  /** Records a passed limit. A limit is an outcome of its own: it is no denial, and it stands even unrecorded. */
  limited(limit: string, value: number, operation: Operation, subject: string): void {
    try {
      this.#recorder.limited(limit, value, { operation, subject });
    } catch {
      // The bound holds whether or not the log does.
    }
  }

  /** Takes a grant back: every later request is denied. */
  revoke(grant: Grant): void {
    grant.revoked = true;
    grant.open = 0;
    grant.permit = undefined;
  }

  #decide(grant: Grant, need: number, operation: Operation, subject: string): boolean {
    const request = describe(operation, subject, grant.section === 'filesystem' ? need : undefined);
    if (grant.revoked || (grant.access & need) !== need) {
      this.#recordDenial(grant, request);
      return false;
    }
    if (this.#uses !== 'none') {
      try {
        this.#recorder.used(grant, request);
      } catch {
        return false;
      }
    }
    if (this.#uses !== 'every') grant.open |= need;
    grant.uses++;
    return true;
  }

  #recordDenial(grant: Grant | undefined, request: Request): void {
    try {
      this.#recorder.denied(grant, request);
    } catch {
      // Denied all the same: a log that fails must not turn a denial into anything else.
    }
  }
}

function describe(operation: Operation, subject: string, access: number | undefined): Request {
  return access === undefined ? { operation, subject } : { operation, subject, access: accessWords(access) };
}
