import { Access } from '../../kernel/access.ts';
import type { Guard } from '../../kernel/guard.ts';
import type { Meter } from '../../kernel/meter.ts';
import type { Permit } from '../../kernel/permit.ts';
import type { Operation } from '../../kernel/request.ts';
import { ErrorCode } from '../error-code.ts';
import { type Descriptor, DescriptorFlags } from './descriptor.ts';
import type { PathAccess } from './path-access.ts';
import { bitsFor, Need, refusal } from './rights.ts';
import type { Traffic } from './traffic.ts';
import type { OffThread, VolumeFile } from './volume.ts';

/** Bytes from and to the files of an instance: permitted, held to budgets, counted. */
export class FileTransfers {
  readonly #paths: PathAccess;
  readonly #guard: Guard;
  readonly #meter: Meter;

  constructor(paths: PathAccess, guard: Guard, meter: Meter) {
    this.#paths = paths;
    this.#guard = guard;
    this.#meter = meter;
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
    this.#guard.limited(spent.nameOf(bound), spent[bound], operation, path);
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

const SYNC_WRITES = DescriptorFlags.fileIntegritySync | DescriptorFlags.dataIntegritySync;

/** Positions and sizes are u64 in WASI and exact numbers here; what lies above is no file's. */
export function isPosition(value: number): boolean {
  return value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

/** Why bytes cannot be read from or written to this descriptor: EISDIR for directories, else EBADF. */
export function notAFile(descriptor: Descriptor): ErrorCode {
  return descriptor.closed || descriptor.file !== undefined ? ErrorCode.badDescriptor : ErrorCode.isDirectory;
}
