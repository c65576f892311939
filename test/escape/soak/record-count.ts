import type { AuditRecord } from '../../../src/index.ts';

/** Counts the records of a log, and notes what must not be: it keeps nothing of instances that have ended. */
export class RecordCount {
  records = 0;
  opened = 0;
  closed = 0;
  readonly faults: string[] = [];
  readonly #alive = new Set<string>();

  write({ seq, kind, instance }: AuditRecord): void {
    if (seq !== this.records++) this.#fault(`record ${seq} comes as the ${this.records}th`);
    if (kind === 'instance-opened') {
      this.opened++;
      if (this.#alive.has(instance)) this.#fault(`${instance} opens twice`);
      this.#alive.add(instance);
    } else if (!this.#alive.has(instance)) this.#fault(`${kind} of ${instance}, which is not open`);
    if (kind === 'instance-closed') {
      this.closed++;
      this.#alive.delete(instance);
    }
  }

  /** Instances that have opened, and not closed. */
  get alive(): number {
    return this.#alive.size;
  }

  #fault(what: string): void {
    if (this.faults.length < 20) this.faults.push(what);
  }
}
