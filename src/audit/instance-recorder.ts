import type { Grant } from '../kernel/grant.ts';
import type { DenialReason, OwnerAction, Recorder } from '../kernel/recorder.ts';
import { type Request, sectionOf } from '../kernel/request.ts';
import type { Machine } from '../virtual/machine.ts';
import type { RecordOrigin } from './audit-log.ts';
import { escapeText } from './escape-text.ts';
import type { AuditEvent, RequestRecord } from './records.ts';
import { UseRate } from './use-rate.ts';

/** Distinct denials of one instance that get a record of their own; a guest cannot flood the log past them. */
const MAX_DISTINCT_DENIALS = 1000;

/** Uses of one instance on record per second; those past them are counted, per grant and operation. */
export const MAX_USES_PER_SECOND = 1000;

/** What takes records: a log, or somebody who hands them to one. */
export interface RecordLog {
  /** The record is kept when it returns. @throws AuditError */
  append(origin: RecordOrigin, event: AuditEvent): void;
}

/**
 * Writes one instance's decisions into a log. Repeated denials are folded: counted, and reported at the close. So are uses
 * past {@link MAX_USES_PER_SECOND}, reported a second later or at the close: a guest does not choose how fast the log grows.
 */
export class InstanceRecorder implements Recorder {
  readonly #log: RecordLog;
  readonly #clock: Pick<Machine, 'monotonicNow' | 'wallNow'>;
  readonly #tenant: string;
  readonly #instance: string;
  readonly #distinct = new Set<string>();
  readonly #limits = new Set<string>();
  readonly #rate: UseRate;
  #denials = 0;

  constructor(
    log: RecordLog,
    clock: Pick<Machine, 'monotonicNow' | 'wallNow'>,
    tenant: string,
    instance: string,
  ) {
    this.#log = log;
    this.#clock = clock;
    this.#tenant = tenant;
    this.#instance = instance;
    this.#rate = new UseRate(MAX_USES_PER_SECOND);
  }

  get denials(): { readonly total: number; readonly distinct: number } {
    return { total: this.#denials, distinct: this.#distinct.size };
  }

  append(event: AuditEvent): void {
    const time = new Date(this.#clock.wallNow()).toISOString();
    const monotonic = this.#clock.monotonicNow();
    this.#log.append({ time, monotonic, tenant: this.#tenant, instance: this.#instance }, event);
  }

  /** The last record of the instance. A passed deadline is a limit like any other, and on record like any other. */
  closed(event: Omit<Extract<AuditEvent, { readonly kind: 'instance-closed' }>, 'kind' | 'denials'>): void {
    this.#tellFolded();
    if (event.outcome.kind === 'limit') this.#limited(event.outcome);
    this.append({ kind: 'instance-closed', ...event, denials: this.denials });
  }

  used(grant: Grant, request: Request): void {
    if (this.#rate.isFull(this.#clock.monotonicNow())) {
      // On record before the first of them: whoever reads a log that breaks off knows that uses may be missing.
      this.#limited({ kind: 'limit', limit: 'audit uses per second', value: MAX_USES_PER_SECOND });
      this.#rate.fold(grant.id, request.operation);
      return;
    }
    this.#tellFolded();
    this.append({ kind: 'grant-used', grant: grant.id, ...toRecord(request) });
    this.#rate.recorded();
  }

  /** What was counted stays counted until the log has it. */
  #tellFolded(): void {
    const folded = this.#rate.folded;
    if (folded.length === 0) return;
    this.append({ kind: 'uses-folded', since: this.#rate.since, uses: folded });
    this.#rate.clear();
  }

  denied(grant: Grant | undefined, request: Request, reason: DenialReason): void {
    this.#denials++;
    const record = toRecord(request);
    // The bounded subject: a thousand long paths must not fill the host's memory.
    const key = [grant?.id ?? '', reason, record.operation, record.access?.join() ?? '', record.subject].join(
      '\0',
    );
    if (this.#distinct.has(key)) return;
    if (this.#distinct.size >= MAX_DISTINCT_DENIALS) {
      this.#limited({ kind: 'limit', limit: 'audit distinct denials', value: MAX_DISTINCT_DENIALS });
      return;
    }
    this.append({
      kind: 'denial',
      grant: grant?.id ?? null,
      reason,
      missing: missingFor(grant, request),
      ...record,
    });
    // Only now: one that could not be recorded is tried again.
    this.#distinct.add(key);
  }

  owned(grant: Grant, action: OwnerAction): void {
    this.append({ kind: 'embedder-access', grant: grant.id, action });
  }

  limited(limit: string, value: number, request?: Request): void {
    this.#limited({ kind: 'limit', limit, value, ...(request && toRecord(request)) });
  }

  /** The names of limits are the host's, so there are few; a guest that runs into one again and again is recorded once. */
  #limited(event: AuditEvent & { readonly kind: 'limit' }): void {
    if (this.#limits.has(event.limit)) return;
    this.append(event);
    this.#limits.add(event.limit);
  }
}

function toRecord(request: Request): RequestRecord {
  return { ...request, subject: escapeText(request.subject) };
}

function missingFor(
  grant: Grant | undefined,
  request: Request,
): { section: ReturnType<typeof sectionOf>; access?: readonly string[] } {
  const section = sectionOf(request.operation);
  if (request.access === undefined) return { section };
  const granted = grant?.summary['access'];
  const has = Array.isArray(granted) ? (granted as readonly string[]) : [];
  return { section, access: request.access.filter((word) => !has.includes(word)) };
}
