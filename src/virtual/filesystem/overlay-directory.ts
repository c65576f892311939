import type { Permit } from '../../kernel/permit.ts';
import { ErrorCode, type Status } from '../error-code.ts';
import type { OverlayContext } from './overlay-context.ts';
import { copyUp, publish } from './overlay-copy.ts';
import { OverlayFile } from './overlay-file.ts';
import { linkIn } from './overlay-link.ts';
import { isReserved, OPAQUE } from './overlay-names.ts';
import type { OverlayNode } from './overlay-node.ts';
import { raise, raiseRemoved } from './overlay-raise.ts';
import { removeDirectoryIn, unlinkIn } from './overlay-remove.ts';
import { renameIn } from './overlay-rename.ts';
import { asWhole, isFailure, type Undo } from './overlay-undo.ts';
import {
  type DirectoryEntry,
  emptyStat,
  FileType,
  type NewTimestamp,
  OpenMode,
  type Stat,
  type VolumeDirectory,
  type VolumeFile,
} from './volume.ts';
import { coversDirectory, dropWhiteout, makeEmpty } from './overlay-whiteouts.ts';

const EXCLUSIVE_CREATE = OpenMode.create | OpenMode.exclusive;

/** A handle of a directory of an overlay: one user of its node. */
export class OverlayDirectory implements VolumeDirectory {
  readonly #root: OverlayNode;
  readonly #node: OverlayNode;
  #open = true;

  /** Takes one use of `node` over. */
  constructor(root: OverlayNode, node: OverlayNode) {
    this.#root = root;
    this.#node = node;
  }

  reopen(permit: Permit): VolumeDirectory | ErrorCode {
    if (!this.#open) return ErrorCode.badDescriptor;
    const status = this.#node.acquire(permit);
    return status === 0 ? new OverlayDirectory(this.#root, this.#node) : status;
  }

  openDirectory(permit: Permit, name: string): VolumeDirectory | ErrorCode {
    if (!this.#open) return ErrorCode.badDescriptor;
    const node = this.#node.openChild(permit, name);
    return typeof node === 'number' ? node : new OverlayDirectory(this.#root, node);
  }

  openFile(permit: Permit, name: string, mode: number): VolumeFile | ErrorCode {
    if (!this.#open) return ErrorCode.badDescriptor;
    const create = (mode & OpenMode.create) !== 0;
    if (isReserved(name)) return create ? ErrorCode.notPermitted : ErrorCode.noEntry;
    if ((mode & EXCLUSIVE_CREATE) === EXCLUSIVE_CREATE) {
      const found = this.#node.layerOf(permit, name, emptyStat());
      if (found !== ErrorCode.noEntry) return typeof found === 'number' ? found : ErrorCode.exist;
    } else {
      const opened = this.#openExisting(permit, name, mode & ~OpenMode.create);
      if (opened !== ErrorCode.noEntry || !create) return opened;
    }
    return this.#create(permit, name, mode);
  }

  createDirectory(permit: Permit, name: string): Status {
    const node = this.#node;
    return this.#making(permit, name, (upper) => {
      const status = upper.createDirectory(permit, name);
      if (status !== 0 || !coversDirectory(node, name, permit)) return status;
      const marked = markOpaque(upper, name, permit);
      if (marked !== 0) upper.removeDirectory(permit, name);
      return marked;
    });
  }

  stat(permit: Permit, out: Stat): Status {
    return this.#open ? this.#node.stat(permit, out) : ErrorCode.badDescriptor;
  }

  statAt(permit: Permit, name: string, out: Stat): Status {
    if (!this.#open) return ErrorCode.badDescriptor;
    const node = this.#node;
    const layer = node.layerOf(permit, name, out);
    if (typeof layer === 'number') return layer;
    const inUpper = layer === node.upper;
    if (out.type !== FileType.directory || !inUpper || node.lower === undefined) {
      node.context.place(inUpper, out);
      return 0;
    }
    // Both layers may make it up.
    const child = node.openChild(permit, name);
    if (typeof child === 'number') return child;
    const status = child.stat(permit, out);
    child.release();
    return status;
  }

  readlink(permit: Permit, name: string): string | ErrorCode {
    if (!this.#open) return ErrorCode.badDescriptor;
    const node = this.#node;
    if (node.removed || isReserved(name)) return ErrorCode.noEntry;
    const target = node.upper?.readlink(permit, name) ?? ErrorCode.noEntry;
    if (target !== ErrorCode.noEntry) return target;
    return node.lowerOf(name)?.readlink(permit, name) ?? ErrorCode.noEntry;
  }

  removeDirectory(permit: Permit, name: string): Status {
    return this.#open ? removeDirectoryIn(this.#node, name, permit) : ErrorCode.badDescriptor;
  }

  unlinkFile(permit: Permit, name: string): Status {
    return this.#open ? unlinkIn(this.#node, name, permit) : ErrorCode.badDescriptor;
  }

  rename(permit: Permit, name: string, to: VolumeDirectory, toName: string): Status {
    const target = to as OverlayDirectory;
    if (!this.#open || !target.#open) return ErrorCode.badDescriptor;
    return renameIn({ node: this.#node, name }, { node: target.#node, name: toName }, permit);
  }

  link(permit: Permit, name: string, to: VolumeDirectory, toName: string): Status {
    const target = to as OverlayDirectory;
    if (!this.#open || !target.#open) return ErrorCode.badDescriptor;
    return linkIn({ node: this.#node, name }, { node: target.#node, name: toName }, permit);
  }

  symlink(permit: Permit, name: string, target: string): Status {
    return this.#making(permit, name, (upper) => upper.symlink(permit, name, target));
  }

  setTimes(permit: Permit, accessed: NewTimestamp, modified: NewTimestamp): Status {
    if (!this.#open) return ErrorCode.badDescriptor;
    const node = this.#node;
    if (node.upper === undefined && node.removed) {
      const status = raiseRemoved(this.#root, node, permit);
      if (status !== 0) return status;
    }
    if (node.upper !== undefined) return node.upper.setTimes(permit, accessed, modified);
    return this.#changing(permit, () => (node.upper as VolumeDirectory).setTimes(permit, accessed, modified));
  }

  setTimesAt(permit: Permit, name: string, accessed: NewTimestamp, modified: NewTimestamp): Status {
    if (!this.#open) return ErrorCode.badDescriptor;
    const node = this.#node;
    const stat = emptyStat();
    const layer = node.layerOf(permit, name, stat);
    if (typeof layer === 'number') return layer;
    if (layer === node.upper) return layer.setTimesAt(permit, name, accessed, modified);
    if (stat.type === FileType.directory) return this.#setTimesOfLower(permit, name, accessed, modified);
    return this.#changing(permit, (undo) => {
      const copy = copyUp(node, name, permit, undo);
      if (typeof copy === 'number') return copy;
      const status = publish(copy, permit);
      return status === 0
        ? (node.upper as VolumeDirectory).setTimesAt(permit, name, accessed, modified)
        : status;
    });
  }

  entries(permit: Permit): DirectoryEntry[] | ErrorCode {
    return this.#open ? this.#node.entries(permit) : ErrorCode.badDescriptor;
  }

  sync(permit: Permit): Status {
    if (!this.#open) return ErrorCode.badDescriptor;
    return this.#node.upper?.sync(permit) ?? 0;
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#node.release();
  }

  get #context(): OverlayContext {
    return this.#node.context;
  }

  #openExisting(permit: Permit, name: string, mode: number): VolumeFile | ErrorCode {
    const node = this.#node;
    if (node.removed) return ErrorCode.noEntry;
    const upper = node.upper?.openFile(permit, name, mode) ?? ErrorCode.noEntry;
    if (typeof upper !== 'number') return new OverlayFile(this.#context, upper, mode);
    if (upper !== ErrorCode.noEntry) return upper;
    const lower = node.lowerOf(name)?.openFile(permit, name, OpenMode.read) ?? ErrorCode.noEntry;
    if (typeof lower === 'number') return lower;
    const file = new OverlayFile(this.#context, lower, mode, { root: this.#root, node, name });
    let status = file.admit(permit);
    // Copied up without its content; then it is truncated, which is what its times tell.
    if (status === 0 && (mode & OpenMode.truncate) !== 0) status = file.setSize(permit, 0);
    if (status === 0) return file;
    file.close();
    return status;
  }

  #create(permit: Permit, name: string, mode: number): VolumeFile | ErrorCode {
    let made: VolumeFile | undefined;
    const status = this.#making(permit, name, (upper) => {
      const file = upper.openFile(permit, name, mode | EXCLUSIVE_CREATE);
      if (typeof file === 'number') return file;
      made = file;
      return 0;
    });
    return made === undefined ? (status as ErrorCode) : new OverlayFile(this.#context, made, mode);
  }

  /** Makes a name that is not there yet. */
  #making(permit: Permit, name: string, make: (upper: VolumeDirectory) => Status): Status {
    if (!this.#open) return ErrorCode.badDescriptor;
    if (isReserved(name)) return ErrorCode.notPermitted;
    const node = this.#node;
    if (node.removed) return ErrorCode.noEntry;
    const found = node.layerOf(permit, name, emptyStat());
    if (found !== ErrorCode.noEntry) return typeof found === 'number' ? found : ErrorCode.exist;
    const status = this.#changing(permit, () => make(node.upper as VolumeDirectory));
    if (status === 0) dropWhiteout(node, name, permit);
    node.subdirectoriesChanged();
    return status;
  }

  #changing(permit: Permit, act: (undo: Undo) => Status): Status {
    const node = this.#node;
    return asWhole((undo) => {
      const status = raise(node, permit, undo);
      return status === 0 ? act(undo) : status;
    }, isFailure);
  }

  #setTimesOfLower(permit: Permit, name: string, accessed: NewTimestamp, modified: NewTimestamp): Status {
    const child = this.#node.openChild(permit, name);
    if (typeof child === 'number') return child;
    const status = asWhole((undo) => {
      const raised = raise(child, permit, undo);
      return raised === 0 ? (child.upper as VolumeDirectory).setTimes(permit, accessed, modified) : raised;
    }, isFailure);
    child.release();
    return status;
  }
}

function markOpaque(upper: VolumeDirectory, name: string, permit: Permit): Status {
  const directory = upper.openDirectory(permit, name);
  if (typeof directory === 'number') return directory;
  const status = makeEmpty(directory, OPAQUE, permit);
  directory.close();
  return status;
}
