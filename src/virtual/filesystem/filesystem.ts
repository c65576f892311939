import { Access } from '../../kernel/access.ts';
import type { Guard } from '../../kernel/guard.ts';
import type { Meter } from '../../kernel/meter.ts';
import type { Permit } from '../../kernel/permit.ts';
import type { Operation } from '../../kernel/request.ts';
import { ErrorCode, type Status } from '../error-code.ts';
import { Descriptor, DescriptorFlags } from './descriptor.ts';
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
import { bitsFor, directoryFlags, Need, passage, refusal } from './rights.ts';
import type { Traffic } from './traffic.ts';
import type { DirectoryEntry, NewTimestamp, OffThread, Stat, VolumeFile } from './volume.ts';

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
  readonly #mounts: readonly Mount[];
  readonly #guard: Guard;
  readonly #meter: Meter;
  readonly #paths: PathAccess;
  readonly #open = new Set<Descriptor>();

  constructor(mounts: readonly Mount[], guard: Guard, meter: Meter) {
    const trees = mountTrees(mounts);
    this.#mounts = mounts;
    this.offThread = mounts.some(({ volume }) => volume.offThread === true);
    this.#guard = guard;
    this.#meter = meter;
    this.#paths = new PathAccess(mounts, guard);
    this.preopens = mounts.map((mount) => ({
      path: mount.path,
      descriptor: new Descriptor(mount, directoryFlags(mount.grant, PREOPEN_FLAGS), mount.path, {
        tree: trees.get(mount),
      }),
    }));
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
    const permit = this.#mayRead(file, position);
    if (typeof permit === 'number') return permit;
    const allowed = this.#readable(file, length);
    if (allowed < 0) return allowed;
    return this.#read(file, (file.file as VolumeFile).read(permit, target, offset, allowed, position));
  }

  write(file: Descriptor, source: Uint8Array, offset: number, length: number, position: number): number {
    const permit = this.#mayWrite(file, position);
    if (typeof permit === 'number') return permit;
    const allowed = this.#writable(file, length);
    if (allowed < 0) return allowed;
    const count = (file.file as VolumeFile).write(permit, source, offset, allowed, position);
    return this.#written(file, permit, count, 'write');
  }

  append(file: Descriptor, source: Uint8Array, offset: number, length: number): number {
    const permit = this.#mayAppend(file);
    if (typeof permit === 'number') return permit;
    const allowed = this.#writable(file, length);
    if (allowed < 0) return allowed;
    const count = (file.file as VolumeFile).append(permit, source, offset, allowed);
    return this.#written(file, permit, count, 'append');
  }

  /**
   * As {@link read}, beside the thread: for transfers that {@link leavesThread}, into a buffer of the host's. What an
   * operation beside the thread did is settled even if the guest is gone by then.
   */
  async readOffThread(
    file: Descriptor,
    target: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<number> {
    const permit = this.#mayRead(file, position);
    if (typeof permit === 'number') return permit;
    const allowed = this.#readable(file, length);
    if (allowed < 0) return allowed;
    const { traffic } = file.mount.rules;
    // Others may start before this one is done: until then it counts as a whole.
    traffic?.read(allowed);
    const count = await beside(file).read(permit, target, offset, allowed, position);
    traffic?.read(-allowed);
    return this.#read(file, count);
  }

  /** As {@link write}, and as {@link append} where `position` is undefined, like {@link readOffThread}. */
  async writeOffThread(
    file: Descriptor,
    source: Uint8Array,
    offset: number,
    length: number,
    position: number | undefined,
  ): Promise<number> {
    const permit = position === undefined ? this.#mayAppend(file) : this.#mayWrite(file, position);
    if (typeof permit === 'number') return permit;
    const allowed = this.#writable(file, length);
    if (allowed < 0) return allowed;
    const operation = position === undefined ? 'append' : 'write';
    const { traffic } = file.mount.rules;
    traffic?.wrote(allowed);
    const count =
      position === undefined
        ? await beside(file).append(permit, source, offset, allowed)
        : await beside(file).write(permit, source, offset, allowed, position);
    traffic?.wrote(-allowed);
    return this.#written(file, permit, count, operation);
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

  /** @returns a permit, or a negative ErrorCode */
  #mayRead(file: Descriptor, position: number): Permit | number {
    if (file.file === undefined || file.closed || (file.flags & DescriptorFlags.read) === 0)
      return -notAFile(file);
    if (!isPosition(position)) return -ErrorCode.invalid;
    const permit = this.#guard.permit(file.grant, Access.read, 'read', file.path);
    return permit ?? -refusal(file.grant, Access.read);
  }

  #mayWrite(file: Descriptor, position: number): Permit | number {
    if (file.file === undefined || file.closed || (file.flags & DescriptorFlags.write) === 0)
      return -notAFile(file);
    if (!isPosition(position)) return -ErrorCode.invalid;
    const permit = this.#guard.permit(file.grant, Access.write, 'write', file.path);
    return permit ?? -refusal(file.grant, Access.write);
  }

  #mayAppend(file: Descriptor): Permit | number {
    if (file.file === undefined || file.closed || (file.flags & DescriptorFlags.write) === 0)
      return -notAFile(file);
    const bits = bitsFor(file.grant, Need.writeOrAppend);
    return this.#guard.permit(file.grant, bits, 'append', file.path) ?? -refusal(file.grant, bits);
  }

  /** What every read has to do once the volume has answered. */
  #read(file: Descriptor, count: number): number {
    if (count > 0) {
      this.#meter.fileBytesRead += count;
      file.mount.rules.traffic?.read(count);
    }
    return count;
  }

  #readable(file: Descriptor, length: number): number {
    const { traffic } = file.mount.rules;
    return traffic === undefined ? length : this.#allowed(traffic, 'readBytes', length, file);
  }

  #writable(file: Descriptor, length: number): number {
    const { traffic } = file.mount.rules;
    return traffic === undefined ? length : this.#allowed(traffic, 'writeBytes', length, file);
  }

  /** @returns how much of a transfer the budget allows, as a short one; a negative ErrorCode when it is spent */
  #allowed(
    traffic: Traffic,
    bound: 'readBytes' | 'writeBytes',
    length: number,
    { path }: Descriptor,
  ): number {
    const allowed = bound === 'readBytes' ? traffic.readable(length) : traffic.writable(length);
    if (allowed > 0 || length === 0) return allowed;
    const spent = traffic.spent(bound);
    const operation = bound === 'readBytes' ? 'read' : 'write';
    this.#guard.limited(`${spent.owner} budget.${bound}`, spent[bound], operation, path);
    return -ErrorCode.quota;
  }

  /** What every write has to do once the bytes are with the volume. */
  #written(file: Descriptor, permit: Permit, count: number, operation: Operation): number {
    if (count < 0) return -this.#paths.settle(-count as ErrorCode, file.mount, operation, file.path);
    this.#meter.fileBytesWritten += count;
    file.mount.rules.traffic?.wrote(count);
    if ((file.flags & SYNC_WRITES) !== 0) {
      const dataOnly = (file.flags & DescriptorFlags.fileIntegritySync) === 0;
      const status = (file.file as VolumeFile).sync(permit, dataOnly);
      if (status !== 0) return -status;
    }
    return count;
  }
}

/** @returns whether a transfer of so many bytes is better done beside the thread */
export function leavesThread(file: Descriptor, length: number): boolean {
  const offThread = file.file?.offThread;
  return offThread !== undefined && length >= offThread.threshold;
}

/**
 * Only called for files that {@link leavesThread} was true of when the transfer began; since then the file may have been
 * copied to a layer that never leaves the thread. The node stays when the descriptor is closed.
 */
function beside({ file }: Descriptor): OffThread | VolumeFile {
  return file?.offThread ?? (file as VolumeFile);
}

const PREOPEN_FLAGS = DescriptorFlags.read | DescriptorFlags.mutateDirectory;
const SYNC_WRITES = DescriptorFlags.fileIntegritySync | DescriptorFlags.dataIntegritySync;

/** Positions and sizes are u64 in WASI and exact numbers here; what lies above is no file's. */
function isPosition(value: number): boolean {
  return value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

/** Why bytes cannot be read from or written to this descriptor: EISDIR for directories, else EBADF. */
function notAFile(descriptor: Descriptor): ErrorCode {
  return descriptor.closed || descriptor.file !== undefined ? ErrorCode.badDescriptor : ErrorCode.isDirectory;
}
