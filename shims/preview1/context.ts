import type { Host } from '../../src/virtual/host.ts';
import { type Stat, emptyStat } from '../../src/virtual/filesystem/volume.ts';
import { GuestMemory } from '../guest-memory.ts';
import { FdTable } from './fd-table.ts';

/** What every function of one instance works on. */
export class Context {
  readonly host: Host;
  readonly memory: GuestMemory = new GuestMemory();
  readonly fds: FdTable;
  /** Refilled by every stat. */
  readonly stat: Stat = emptyStat();

  constructor(host: Host) {
    this.host = host;
    this.fds = new FdTable(host);
  }

  /**
   * Suspends the guest until `wait` settles; then `next` goes on. The guest may have grown its memory by then, so `next`
   * checks every region again. A guest whose instance was closed in the meantime is never resumed.
   */
  async suspend(wait: Promise<unknown>, next: () => number | Promise<number>): Promise<number> {
    await wait;
    return this.host.signal.aborted ? new Promise<never>(() => {}) : next();
  }
}
