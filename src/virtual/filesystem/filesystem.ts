import type { Guard } from '../../kernel/guard.ts';
import type { Meter } from '../../kernel/meter.ts';
import type { ErrorCode, Status } from '../error-code.ts';
import type { Descriptor } from './descriptor.ts';
import type { Mount } from './mount.ts';
import type { DirectoryEntry, NewTimestamp, Stat } from './volume.ts';

export interface Preopen {
  readonly path: string;
  readonly descriptor: Descriptor;
}

/** The file system of one instance: WASI semantics over its mounts. CONTRACT SKELETON: bodies follow. */
export class Filesystem {
  /** In the policy's order. A preopen's descriptor may be closed by the guest like any other. */
  readonly preopens: readonly Preopen[];

  constructor(mounts: readonly Mount[], guard: Guard, meter: Meter) {
    throw new Error('skeleton');
  }

  /** @param openFlags, descriptorFlags bits of OpenFlags and DescriptorFlags. Takes a handle of the meter. */
  openAt(at: Descriptor, follow: boolean, path: string, openFlags: number, descriptorFlags: number): Descriptor | ErrorCode {
    throw new Error('skeleton');
  }
  /** @returns bytes (0 at end of file) or a negative ErrorCode. */
  read(file: Descriptor, target: Uint8Array, offset: number, length: number, position: number): number {
    throw new Error('skeleton');
  }
  write(file: Descriptor, source: Uint8Array, offset: number, length: number, position: number): number {
    throw new Error('skeleton');
  }
  append(file: Descriptor, source: Uint8Array, offset: number, length: number): number {
    throw new Error('skeleton');
  }
  stat(descriptor: Descriptor, out: Stat): Status {
    throw new Error('skeleton');
  }
  statAt(at: Descriptor, follow: boolean, path: string, out: Stat): Status {
    throw new Error('skeleton');
  }
  setSize(file: Descriptor, size: number): Status {
    throw new Error('skeleton');
  }
  setTimes(descriptor: Descriptor, accessed: NewTimestamp, modified: NewTimestamp): Status {
    throw new Error('skeleton');
  }
  setTimesAt(at: Descriptor, follow: boolean, path: string, accessed: NewTimestamp, modified: NewTimestamp): Status {
    throw new Error('skeleton');
  }
  createDirectoryAt(at: Descriptor, path: string): Status {
    throw new Error('skeleton');
  }
  removeDirectoryAt(at: Descriptor, path: string): Status {
    throw new Error('skeleton');
  }
  unlinkFileAt(at: Descriptor, path: string): Status {
    throw new Error('skeleton');
  }
  renameAt(at: Descriptor, path: string, to: Descriptor, toPath: string): Status {
    throw new Error('skeleton');
  }
  linkAt(at: Descriptor, follow: boolean, path: string, to: Descriptor, toPath: string): Status {
    throw new Error('skeleton');
  }
  symlinkAt(at: Descriptor, target: string, path: string): Status {
    throw new Error('skeleton');
  }
  readlinkAt(at: Descriptor, path: string): string | ErrorCode {
    throw new Error('skeleton');
  }
  /** Without `.` and `..`. */
  readDirectory(directory: Descriptor): DirectoryEntry[] | ErrorCode {
    throw new Error('skeleton');
  }
  sync(descriptor: Descriptor, dataOnly: boolean): Status {
    throw new Error('skeleton');
  }
  /** Gives the handle back to the meter. Closing twice does nothing. */
  close(descriptor: Descriptor): void {
    throw new Error('skeleton');
  }
  /** Closes every descriptor and volume of the instance. */
  closeAll(): void {
    throw new Error('skeleton');
  }
}
