import type { Grant } from '../kernel/grant.ts';
import type { Recorder } from '../kernel/recorder.ts';
import { type Request, sectionOf } from '../kernel/request.ts';
import type { AuditLog } from './audit-log.ts';
import { escapeText } from './escape-text.ts';
import type { AuditEvent, RequestRecord } from './records.ts';

/** Distinct denials of one instance that get a record of their own; a guest cannot flood the log past them. */
const MAX_DISTINCT_DENIALS = 1000;

/** Writes one instance's decisions into a log. Repeated denials are folded: counted, and reported at the close. */
export class InstanceRecorder implements Recorder {
  readonly #log: AuditLog;
  readonly #tenant: string;
  readonly #instance: string;
  readonly #distinct = new Set<string>();
  #denials = 0;

  constructor(log: AuditLog, tenant: string, instance: string) {
    this.#log = log;
    this.#tenant = tenant;
    this.#instance = instance;
  }

  get denials(): { readonly total: number; readonly distinct: number } {
    return { total: this.#denials, distinct: this.#distinct.size };
  }

  append(event: AuditEvent): void {
    this.#log.append(this.#tenant, this.#instance, event);
  }

  used(grant: Grant, request: Request): void {
    this.append({ kind: 'grant-used', grant: grant.id, ...toRecord(request) });
  }

  denied(grant: Grant | undefined, request: Request): void {
    this.#denials++;
    const key = `${grant?.id ?? ''}\0${request.operation}\0${request.access?.join() ?? ''}\0${request.subject}`;
    if (this.#distinct.has(key) || this.#distinct.size > MAX_DISTINCT_DENIALS) return;
    this.#distinct.add(key);
    if (this.#distinct.size > MAX_DISTINCT_DENIALS) {
      this.append({ kind: 'limit', limit: 'audit distinct denials', value: MAX_DISTINCT_DENIALS });
      return;
    }
    this.append({
      kind: 'denial',
      grant: grant?.id ?? null,
      reason: grant?.revoked === true ? 'revoked' : 'not-granted',
      missing: missingFor(grant, request),
      ...toRecord(request),
    });
  }

  limited(limit: string, value: number, request: Request): void {
    this.append({ kind: 'limit', limit, value, ...toRecord(request) });
  }
}

function toRecord(request: Request): RequestRecord {
  return { ...request, subject: escapeText(request.subject) };
}

function missingFor(grant: Grant | undefined, request: Request): { section: ReturnType<typeof sectionOf>; access?: readonly string[] } {
  const section = sectionOf(request.operation);
  if (request.access === undefined) return { section };
  const granted = grant?.summary['access'];
  const has = Array.isArray(granted) ? (granted as readonly string[]) : [];
  return { section, access: request.access.filter((word) => !has.includes(word)) };
}
