import type { AuditRecord } from '../records.ts';
import type { AuditSink } from './sink.ts';

/** Keeps the newest records in memory, for tests, dashboards and the default log. */
export class MemorySink implements AuditSink {
  readonly #capacity: number;
  #records: AuditRecord[] = [];
  #dropped = 0;

  /** @param capacity records kept, at least 1; older ones are dropped and counted */
  constructor(capacity = 10_000) {
    this.#capacity = Math.max(1, capacity);
  }

  write(record: AuditRecord): void {
    this.#records.push(record);
    // Dropping in halves keeps the cost per record constant.
    if (this.#records.length >= this.#capacity * 2) {
      this.#dropped += this.#capacity;
      this.#records = this.#records.slice(this.#capacity);
    }
  }

  /** The newest records, oldest first. */
  get records(): readonly AuditRecord[] {
    return this.#records.slice(-this.#capacity);
  }

  /** How many older records are gone. */
  get dropped(): number {
    return this.#dropped + Math.max(0, this.#records.length - this.#capacity);
  }
}
