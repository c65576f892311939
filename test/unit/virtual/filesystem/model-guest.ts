import type { Descriptor } from '../../../../src/virtual/filesystem/descriptor.ts';
import { emptyStat, FileType, type Stat } from '../../../../src/virtual/filesystem/volume.ts';
import { type Guest, nameOf } from './guest.ts';
import { detailsOf, type Step, type World } from './model-world.ts';
import { perform } from './perform.ts';

/** Steps done by a guest. */
export class GuestWorld implements World {
  readonly guest: Guest;
  readonly #held = new Map<number, Descriptor>();

  constructor(guest: Guest) {
    this.guest = guest;
  }

  take(step: Step): string {
    const { guest } = this;
    switch (step.do) {
      case 'path':
        return perform(guest, step.operation, step.args);
      case 'put':
        return guest.put(step.path, step.text);
      case 'times':
        return guest.times(step.path, undefined, BigInt(step.seconds) * 1_000_000_000n);
      case 'details':
        return this.#look(step.path, details);
      case 'same':
        return this.#look(step.path, (stat) =>
          this.#look(step.other, (other) => String(other.inode === stat.inode)),
        );
      case 'hold':
        return this.#hold(step.slot, step.path, step.how);
      default: {
        const held = this.#held.get(step.slot);
        return held === undefined ? 'empty' : this.#use(held, step);
      }
    }
  }

  tree(): Record<string, string> {
    const tree = this.guest.tree();
    for (const path of Object.keys(tree)) {
      tree[path] += ` ${details(this.guest.statOf(path.replace(/\/$/, ''), false))}`;
    }
    return tree;
  }

  close(): void {
    for (const held of this.#held.values()) this.guest.filesystem.close(held);
    this.#held.clear();
    this.guest.filesystem.close(this.guest.root);
  }

  #look(path: string, tell: (stat: Stat) => string): string {
    const type = this.guest.type(path, false);
    return type in FileType ? tell(this.guest.statOf(path, false)) : type;
  }

  #lookAt(held: Descriptor, tell: (stat: Stat) => string): string {
    const stat = emptyStat();
    const status = this.guest.filesystem.stat(held, stat);
    return status === 0 ? tell(stat) : nameOf(status);
  }

  #hold(slot: number, path: string, how: string): string {
    const opened = this.guest.tryOpen(path, how);
    if (typeof opened === 'number') return nameOf(opened);
    const before = this.#held.get(slot);
    if (before !== undefined) this.guest.filesystem.close(before);
    this.#held.set(slot, opened);
    return 'held';
  }

  #use(held: Descriptor, step: Extract<Step, { slot: number }>): string {
    const { guest } = this;
    const { filesystem } = guest;
    switch (step.do) {
      case 'read':
        return guest.read(held, step.length, step.position);
      case 'write':
        return counted(guest.write(held, step.text, step.position));
      case 'append':
        return counted(guest.append(held, step.text));
      case 'resize':
        return nameOf(filesystem.setSize(held, step.size));
      case 'heldTimes':
        return nameOf(filesystem.setTimes(held, undefined, BigInt(step.seconds) * 1_000_000_000n));
      case 'heldDetails':
        return this.#lookAt(held, details);
      case 'heldSame':
        return this.#look(step.path, (stat) =>
          this.#lookAt(held, (other) => String(stat.inode === other.inode)),
        );
      case 'heldList': {
        const entries = filesystem.readDirectory(held);
        return typeof entries === 'number'
          ? nameOf(entries)
          : entries
              .map(({ name }) => name)
              .toSorted()
              .join(' ');
      }
      case 'within':
        return step.operation === 'create'
          ? guest.opening(step.name, 'wcx', held)
          : guest[step.operation](step.name, held);
      case 'release':
        filesystem.close(held);
        this.#held.delete(step.slot);
        return 'ok';
      case 'hold':
        return this.#hold(step.slot, step.path, step.how);
    }
  }
}

function counted(count: number): string {
  return count < 0 ? nameOf(count) : String(count);
}

function details({ type, linkCount, size, modified }: Stat): string {
  const directory = type === FileType.directory;
  return detailsOf({ directory, links: linkCount, size, seconds: Number(modified) / 1e9 });
}
