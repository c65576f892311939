import type { Operation } from '../src/kernel/request.ts';
import { Descriptor } from '../src/virtual/filesystem/descriptor.ts';
import { ListingBudget } from '../src/virtual/filesystem/directory-entries.ts';
import { FileStreams } from '../src/virtual/filesystem/file-streams.ts';
import type { Preopen } from '../src/virtual/filesystem/filesystem.ts';
import { emptyStat, type Stat } from '../src/virtual/filesystem/volume.ts';
import type { Host } from '../src/virtual/host.ts';
import { HttpBudget } from '../src/virtual/http/budget.ts';
import { trap } from './trap.ts';

/** What components have of an instance, whichever version of WASI they were made for: its host, and what they hold of it. */
export abstract class InstanceContext {
  readonly host: Host;
  readonly fileStreams: FileStreams;
  readonly httpBudget: HttpBudget = new HttpBudget();
  readonly listings: ListingBudget = new ListingBudget();
  /** Refilled by every stat. */
  readonly stat: Stat = emptyStat();
  /** Descriptors that the file system does not count as handles, because it did not make them. */
  readonly #reopened = new Set<Descriptor>();

  constructor(host: Host) {
    this.host = host;
    this.fileStreams = new FileStreams(host.filesystem);
  }

  /** Takes a handle of the meter; a function without a result for failure traps when there is none left. */
  takeHandle(operation: Operation | undefined, subject: string): void {
    if (!this.tryTakeHandle(operation, subject)) trap('too many handles');
  }

  /** @returns false, and puts the limit on record, when there is none left */
  tryTakeHandle(operation: Operation | undefined, subject: string): boolean {
    const { meter, guard } = this.host;
    if (meter.openHandle()) return true;
    guard.limited('limits.handles', meter.limits.handles, operation, subject);
    return false;
  }

  /** The same for `count` handles: all or none of them. */
  tryTakeHandles(count: number, operation: Operation, subject: string): boolean {
    for (let taken = 0; taken < count; taken++) {
      if (this.tryTakeHandle(operation, subject)) continue;
      for (; taken > 0; taken--) this.host.meter.closeHandle();
      return false;
    }
    return true;
  }

  /** The directories that the instance starts with; every call of the guest gets handles of its own. */
  preopens(): Preopen[] {
    const { filesystem } = this.host;
    const own = filesystem.takePreopens();
    if (own !== undefined) return [...own];
    return filesystem.preopens.map(({ path, descriptor: { mount, flags, tree } }) => {
      this.takeHandle('open-at', path);
      const descriptor = new Descriptor(mount, flags, path, { tree });
      this.#reopened.add(descriptor);
      return { path, descriptor };
    });
  }

  /** The guest dropped its handle of a descriptor. Streams of it that are open keep it open. */
  releaseDescriptor(descriptor: Descriptor): void {
    this.fileStreams.dropDescriptor(descriptor);
    if (this.#reopened.delete(descriptor)) this.host.meter.closeHandle();
  }
}
