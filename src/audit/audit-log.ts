import canonicalize from 'canonicalize';
import { AuditError } from '../errors.ts';
import type { AuditEvent, AuditRecord } from './records.ts';
import { RECORD_VERSION } from './records.ts';
import { MemorySink } from './sinks/memory-sink.ts';
import type { AuditSink } from './sinks/sink.ts';

/** The clocks of a log: the machine's. */
export interface LogClock {
  monotonicNow(): number;
  wallNow(): number;
}

/**
 * An append-only log of typed records, in front of one or more sinks. Several instances may share one.
 *
 * A record is kept when every sink took it; one that fails makes the append fail, and the guard denies.
 */
export class AuditLog {
  readonly #sinks: readonly AuditSink[];
  readonly #clock: LogClock;
  #next = 0;
  #closed = false;

  constructor(sinks: readonly AuditSink[] = [new MemorySink()], clock: LogClock = defaultClock) {
    if (sinks.length === 0) {
      throw new AuditError('BW_AUDIT_NO_SINK', 'An audit log needs at least one sink.', {
        hint: 'Use `new AuditLog([new MemorySink()])`.',
      });
    }
    this.#sinks = sinks;
    this.#clock = clock;
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
  append(tenant: string, instance: string, event: AuditEvent): void {
    if (this.#closed) throw new AuditError('BW_AUDIT_CLOSED', 'The audit log is closed.');
    const record: AuditRecord = {
      v: RECORD_VERSION,
      seq: this.#next,
      time: new Date(this.#clock.wallNow()).toISOString(),
      monotonic: this.#clock.monotonicNow(),
      tenant,
      instance,
      ...event,
    };
    let line: string | undefined;
    const canonical = (): string => (line ??= canonicalize(record) as string);
    for (const sink of this.#sinks) sink.write(record, canonical);
    this.#next++;
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

const defaultClock: LogClock = {
  monotonicNow: () => Math.floor(performance.now() * 1e6),
  wallNow: () => Date.now(),
};
