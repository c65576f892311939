import { BesideBudget } from './beside-budget.ts';
import { Access } from '../../kernel/access.ts';
import type { Guard } from '../../kernel/guard.ts';
import type { Meter } from '../../kernel/meter.ts';
import { ErrorCode, type Status } from '../error-code.ts';
import { Descriptor, DescriptorFlags } from './descriptor.ts';
import { FileTransfers, isPosition, notAFile } from './file-transfers.ts';
import { linkAt, renameAt, symlinkAt } from './link-operations.ts';
import { mountTrees } from './mount-tree.ts';
import type { Mount } from './mount.ts';
import { giveSlot, openAt } from './open-at.ts';
import { PathAccess } from './path-access.ts';
import {
  createDirectoryAt,
  readlinkAt,
  removeDirectoryAt,
  setTimesAt,
  statAt,
  unlinkFileAt,
} from './path-operations.ts';
import { directoryFlags, passage, refusal } from './rights.ts';
import type { DirectoryEntry, NewTimestamp, Stat } from './volume.ts';

export interface Preopen {
  readonly path: string;
  readonly descriptor: Descriptor;
}

/**
 * The file system of one instance: the semantics of wasi:filesystem over its mounts, once for all WASI versions.
 *
 * Each operation asks the guard for what it needs of the mount's grant and touches nothing when it is denied:
 *
 * | operation | needs |
 * |---|---|
 * | read | `read` |
 * | write, set-size, truncating | `write` |
 * | append | `write`, or `append` on a mount without `write` |
 * | open-at | to read a file `read`; a directory `read` or `list`; to write `write` or `append`; to create `create` |
 * | stat-at, readlink-at | `read` or `list` |
 * | stat, sync | any word: the descriptor was opened under the grant |
 * | read-directory | `list` |
 * | create-directory-at | `create` |
 * | unlink-file-at, remove-directory-at | `delete` |
 * | rename-at, link-at, symlink-at, set-times(-at) | the word of that name |
 *
 * Passing through directories needs nothing of its own. A path that tries to leave its descriptor is put on record
 * as a request that no rule covers.
 *
 * Counts are bytes or a negative ErrorCode, as in {@link ErrorCode}.
 */
export class Filesystem {
  /** In the policy's order. A preopen's descriptor may be closed by the guest like any other. */
  readonly preopens: readonly Preopen[];
  /** Whether transfers may leave the thread on any mount, so that calls for them must be able to suspend. */
  readonly offThread: boolean;
  readonly beside: BesideBudget = new BesideBudget();
  readonly #mounts: readonly Mount[];
  readonly #guard: Guard;
  readonly #meter: Meter;
  readonly #paths: PathAccess;
  readonly #transfers: FileTransfers;
  readonly #open = new Set<Descriptor>();
  #preopensTaken = false;

  constructor(mounts: readonly Mount[], guard: Guard, meter: Meter) {
    const trees = mountTrees(mounts);
    this.#mounts = mounts;
    this.offThread = mounts.some(({ volume }) => volume.offThread === true);
    this.#guard = guard;
    this.#meter = meter;
    this.#paths = new PathAccess(mounts, guard);
    this.#transfers = new FileTransfers(this.#paths, guard, meter);
    this.preopens = mounts.map((mount) => ({
      path: mount.path,
      descriptor: new Descriptor(mount, directoryFlags(mount.grant, PREOPEN_FLAGS), mount.path, {
        tree: trees.get(mount),
      }),
    }));
  }

  /** @returns the preopens, to the first who asks: a descriptor has one owner, so all others need some of their own */
  takePreopens(): readonly Preopen[] | undefined {
    if (this.#preopensTaken) return undefined;
    this.#preopensTaken = true;
    return this.preopens;
  }

  /** @param openFlags, descriptorFlags bits of OpenFlags and DescriptorFlags. Takes a handle of the meter. */
  openAt(
    at: Descriptor,
    follow: boolean,
    path: string,
    openFlags: number,
    descriptorFlags: number,
  ): Descriptor | ErrorCode {
    const meter = this.#meter;
    if (!meter.openHandle()) {
      this.#guard.limited('limits.handles', meter.limits.handles, 'open-at', path);
      return ErrorCode.tooManyHandles;
    }
    const opened = openAt(this.#paths, at, follow, path, openFlags, descriptorFlags);
    if (typeof opened === 'number') meter.closeHandle();
    else this.#open.add(opened);
    return opened;
  }

  /** @returns bytes (0 at end of file) or a negative ErrorCode. */
  read(file: Descriptor, target: Uint8Array, offset: number, length: number, position: number): number {
    return this.#transfers.read(file, target, offset, length, position);
  }

  write(file: Descriptor, source: Uint8Array, offset: number, length: number, position: number): number {
    return this.#transfers.write(file, source, offset, length, position);
  }

  append(file: Descriptor, source: Uint8Array, offset: number, length: number): number {
    return this.#transfers.append(file, source, offset, length);
  }

  /** As {@link read}, beside the thread: for transfers that `leavesThread`, into a buffer of the host's. */
  readOffThread(
    file: Descriptor,
    target: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<number> {
    return this.#transfers.readOffThread(file, target, offset, length, position);
  }

  /** As {@link write}, and as {@link append} where `position` is undefined, like {@link readOffThread}. */
  writeOffThread(
    file: Descriptor,
    source: Uint8Array,
    offset: number,
    length: number,
    position: number | undefined,
  ): Promise<number> {
    return this.#transfers.writeOffThread(file, source, offset, length, position);
  }

  stat(descriptor: Descriptor, out: Stat): Status {
    if (descriptor.closed) return ErrorCode.badDescriptor;
    const grant = descriptor.grant;
    const permit = this.#guard.permit(grant, passage(grant), 'stat', descriptor.path);
    if (permit === undefined) return refusal(grant, 0);
    const node = descriptor.file ?? this.#paths.directoryOf(descriptor, permit);
    if (typeof node === 'number') return node;
    const status = node.stat(permit, out);
    return status === 0 ? this.#paths.place(descriptor.mount, out) : status;
  }

  statAt(at: Descriptor, follow: boolean, path: string, out: Stat): Status {
    return statAt(this.#paths, at, follow, path, out);
  }

  setSize(file: Descriptor, size: number): Status {
    const node = file.file;
    if (node === undefined || file.closed || (file.flags & DescriptorFlags.write) === 0)
      return notAFile(file);
    if (!isPosition(size)) return ErrorCode.invalid;
    const permit = this.#guard.permit(file.grant, Access.write, 'set-size', file.path);
    if (permit === undefined) return refusal(file.grant, Access.write);
    return this.#paths.settle(node.setSize(permit, size), file.mount, 'set-size', file.path);
  }

  setTimes(descriptor: Descriptor, accessed: NewTimestamp, modified: NewTimestamp): Status {
    const need = Access['set-times'];
    const permit = descriptor.closed
      ? undefined
      : this.#guard.permit(descriptor.grant, need, 'set-times', descriptor.path);
    if (permit === undefined)
      return descriptor.closed ? ErrorCode.badDescriptor : refusal(descriptor.grant, need);
    const node = descriptor.file ?? this.#paths.directoryOf(descriptor, permit);
    if (typeof node === 'number') return node;
    // In an overlay a file is copied for it.
    const status = node.setTimes(permit, accessed, modified);
    return this.#paths.settle(status, descriptor.mount, 'set-times', descriptor.path);
  }

  setTimesAt(
    at: Descriptor,
    follow: boolean,
    path: string,
    accessed: NewTimestamp,
    modified: NewTimestamp,
  ): Status {
    return setTimesAt(this.#paths, at, follow, path, accessed, modified);
  }

  createDirectoryAt(at: Descriptor, path: string): Status {
    return createDirectoryAt(this.#paths, at, path);
  }

  removeDirectoryAt(at: Descriptor, path: string): Status {
    return removeDirectoryAt(this.#paths, at, path);
  }

  unlinkFileAt(at: Descriptor, path: string): Status {
    return unlinkFileAt(this.#paths, at, path);
  }

  renameAt(at: Descriptor, path: string, to: Descriptor, toPath: string): Status {
    return renameAt(this.#paths, { at, path }, { at: to, path: toPath });
  }

  linkAt(at: Descriptor, follow: boolean, path: string, to: Descriptor, toPath: string): Status {
    return linkAt(this.#paths, follow, { at, path }, { at: to, path: toPath });
  }

  symlinkAt(at: Descriptor, target: string, path: string): Status {
    return symlinkAt(this.#paths, at, target, path);
  }

  readlinkAt(at: Descriptor, path: string): string | ErrorCode {
    return readlinkAt(this.#paths, at, path);
  }

  /** Without `.` and `..`. */
  readDirectory(directory: Descriptor): DirectoryEntry[] | ErrorCode {
    if (directory.closed) return ErrorCode.badDescriptor;
    if (directory.file !== undefined) return ErrorCode.notDirectory;
    const permit = this.#guard.permit(directory.grant, Access.list, 'read-directory', directory.path);
    if (permit === undefined) return refusal(directory.grant, Access.list);
    const node = this.#paths.directoryOf(directory, permit);
    if (typeof node === 'number') return node;
    const entries = node.entries(permit);
    return typeof entries === 'number' ? entries : this.#paths.placeEntries(directory, entries);
  }

  sync(descriptor: Descriptor, dataOnly: boolean): Status {
    if (descriptor.closed) return ErrorCode.badDescriptor;
    const permit = this.#guard.permit(descriptor.grant, passage(descriptor.grant), 'sync', descriptor.path);
    if (permit === undefined) return refusal(descriptor.grant, 0);
    const node = descriptor.file ?? this.#paths.directoryOf(descriptor, permit);
    return typeof node === 'number' ? node : node.sync(permit, dataOnly);
  }

  /** Gives the handle back to the meter. Closing twice does nothing. */
  close(descriptor: Descriptor): void {
    if (descriptor.closed) return;
    descriptor.closed = true;
    (descriptor.file ?? descriptor.directory)?.close();
    if (!this.#open.delete(descriptor)) return;
    this.#meter.closeHandle();
    giveSlot(descriptor.mount);
  }

  /** Closes every descriptor and volume of the instance. */
  closeAll(): void {
    for (const descriptor of this.#open) this.close(descriptor);
    for (const preopen of this.preopens) this.close(preopen.descriptor);
    for (const mount of this.#mounts) mount.volume.close();
  }
}

const PREOPEN_FLAGS = DescriptorFlags.read | DescriptorFlags.mutateDirectory;
