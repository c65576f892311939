import canonicalize from 'canonicalize';
import { AuditError } from '../errors.ts';
import { type AuditEvent, type AuditRecord, RECORD_VERSION, type RecordHead } from './records.ts';
import { MemorySink } from './sinks/memory-sink.ts';
import type { AuditSink } from './sinks/sink.ts';

/** Who a record is about, and when; the log adds the number. */
export type RecordOrigin = Omit<RecordHead, 'v' | 'seq'>;

/**
 * An append-only log of typed records, in front of one or more sinks. Several instances may share one.
 *
 * A record is kept when every sink took it; one that fails makes the append fail, and the guard denies.
 */
export class AuditLog {
  readonly #sinks: readonly AuditSink[];
  #next = 0;
  #closed = false;

  constructor(sinks: readonly AuditSink[] = [new MemorySink()]) {
    if (sinks.length === 0) {
      throw new AuditError('BW_AUDIT_NO_SINK', 'An audit log needs at least one sink.', {
        hint: 'Use `new AuditLog([new MemorySink()])`.',
      });
    }
    this.#sinks = sinks;
  }

  /** Records of the first memory sink, for programs that look at their own log; empty without one. */
  get records(): readonly AuditRecord[] {
    return this.#sinks.find((sink) => sink instanceof MemorySink)?.records ?? [];
  }

  /**
   * Puts the record into every sink, in order, before it returns.
   *
   * @throws AuditError when a sink cannot keep it, or the log is closed
   */
  append(origin: RecordOrigin, event: AuditEvent): void {
    if (this.#closed) throw new AuditError('BW_AUDIT_CLOSED', 'The audit log is closed.');
    const record: AuditRecord = { v: RECORD_VERSION, seq: this.#next, ...origin, ...event };
    let line: string | undefined;
    const canonical = (): string => (line ??= canonicalize(record) as string);
    for (const sink of this.#sinks) {
      keep(sink, record, canonical);
      // Spent with the first sink that has it: when a later one fails, two records never share a number, and the gap
      // shows what that sink lacks.
      this.#next = record.seq + 1;
    }
  }

  /** Closes the sinks. Guards that still write to the log deny from here on. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const sink of this.#sinks) sink.close?.();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function keep(sink: AuditSink, record: AuditRecord, canonical: () => string): void {
  try {
    sink.write(record, canonical);
  } catch (cause) {
    if (cause instanceof AuditError) throw cause;
    throw new AuditError('BW_AUDIT_WRITE', 'A sink of the audit log did not take the record.', { cause });
  }
}
