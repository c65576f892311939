import type { AuditRecord } from '../records.ts';

/** Takes records in order. */
export interface AuditSink {
  /**
   * Keeps the record before it returns. `line` is the record in canonical form (RFC 8785), made when first read.
   *
   * @throws when it cannot: the guard then denies what the record is about
   */
  write(record: AuditRecord, line: () => string): void;
  /** Called once, when the log is closed. */
  close?(): void;
}
