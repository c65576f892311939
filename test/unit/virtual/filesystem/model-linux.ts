import {
  closeSync,
  fstatSync,
  ftruncateSync,
  futimesSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmdirSync,
  type Stats,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { errorCode } from '../../../../src/ambient/host-volume-errno.ts';
import { treeOf } from './fixture-tree.ts';
import { nameOf } from './guest.ts';
import { flagsOnLinux, onLinux } from './linux.ts';
import { detailsOf, type Step, type World } from './model-world.ts';

interface Held {
  readonly fd: number;
  readonly directory: boolean;
  readonly writes: boolean;
}

/** The same steps done by the kernel in a scratch directory. */
export class LinuxWorld implements World {
  readonly #root: string;
  readonly #held = new Map<number, Held>();

  constructor(root: string) {
    this.#root = root;
  }

  take(step: Step): string {
    if (step.do === 'path') return onLinux(this.#root, step.operation, step.args);
    try {
      return this.#take(step);
    } catch (error) {
      return nameOf(errorCode(error));
    }
  }

  /** Whether a step is about a directory that is open and in no other directory any more. */
  holdsRemovedDirectory(step: Step): boolean {
    const held = 'slot' in step ? this.#held.get(step.slot) : undefined;
    return held?.directory === true && fstatSync(held.fd).nlink === 0;
  }

  tree(): Record<string, string> {
    const tree = treeOf(this.#root);
    for (const path of Object.keys(tree))
      tree[path] += ` ${details(lstatSync(this.#at(path.replace(/\/$/, ''))))}`;
    return tree;
  }

  close(): void {
    for (const { fd } of this.#held.values()) closeSync(fd);
    this.#held.clear();
  }

  #at(path: string): string {
    return `${this.#root}/${path}`;
  }

  #take(step: Exclude<Step, { do: 'path' }>): string {
    switch (step.do) {
      case 'put':
        writeFileSync(this.#at(step.path), step.text);
        return 'ok';
      case 'times':
        utimesSync(this.#at(step.path), statSync(this.#at(step.path)).atime, step.seconds);
        return 'ok';
      case 'details':
        return details(lstatSync(this.#at(step.path)));
      case 'same':
        return String(lstatSync(this.#at(step.path)).ino === lstatSync(this.#at(step.other)).ino);
      case 'hold':
        return this.#hold(step.slot, step.path, step.how);
      default: {
        const held = this.#held.get(step.slot);
        return held === undefined ? 'empty' : this.#use(held, step);
      }
    }
  }

  #hold(slot: number, path: string, how: string): string {
    const fd = openSync(this.#at(path), flagsOnLinux(how));
    const before = this.#held.get(slot);
    if (before !== undefined) closeSync(before.fd);
    this.#held.set(slot, { fd, directory: fstatSync(fd).isDirectory(), writes: how.includes('w') });
    return 'held';
  }

  #use({ fd, directory, writes }: Held, step: Extract<Step, { slot: number }>): string {
    // Not what the kernel says, but what WASI does, of writing to what was not opened for it.
    const changes = step.do === 'write' || step.do === 'append' || step.do === 'resize';
    if (changes && directory) return 'isDirectory';
    if (changes && !writes) return 'badDescriptor';
    if ((step.do === 'heldList' || step.do === 'within') && !directory) return 'notDirectory';
    switch (step.do) {
      case 'read': {
        const bytes = Buffer.alloc(step.length);
        return bytes.toString('utf8', 0, readSync(fd, bytes, 0, step.length, step.position));
      }
      case 'write':
        return String(writeSync(fd, step.text, step.position));
      case 'append':
        return String(writeSync(fd, step.text, fstatSync(fd).size));
      case 'resize':
        ftruncateSync(fd, step.size);
        return 'ok';
      case 'heldTimes':
        futimesSync(fd, fstatSync(fd).atime, step.seconds);
        return 'ok';
      case 'heldDetails':
        return details(fstatSync(fd));
      case 'heldSame':
        return String(lstatSync(this.#at(step.path)).ino === fstatSync(fd).ino);
      case 'heldList':
        return readdirSync(`/proc/self/fd/${fd}`).toSorted().join(' ');
      case 'within':
        return within(`/proc/self/fd/${fd}/${step.name}`, step.operation);
      case 'release':
        closeSync(fd);
        this.#held.delete(step.slot);
        return 'ok';
      case 'hold':
        return this.#hold(step.slot, step.path, step.how);
    }
  }
}

function within(path: string, operation: 'mkdir' | 'rmdir' | 'unlink' | 'create'): string {
  if (operation === 'create') {
    closeSync(openSync(path, flagsOnLinux('wcx')));
    return 'file';
  }
  if (operation === 'mkdir') mkdirSync(path);
  else if (operation === 'rmdir') rmdirSync(path);
  else unlinkSync(path);
  return 'ok';
}

function details(stats: Stats): string {
  const { nlink, size, mtimeMs } = stats;
  return detailsOf({ directory: stats.isDirectory(), links: nlink, size, seconds: mtimeMs / 1000 });
}
