/** Counts what components hold: everything in their tables but handles of the host's resources, which the host counts. */
export interface HandleMeter {
  /** Traps at the limit, on record. @param what it is, for the record */
  open(what: string): void;
  close(): void;
}
