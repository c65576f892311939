import { ErrorCode, type Status } from '../error-code.ts';
import type { Descriptor } from './descriptor.ts';
import type { Filesystem } from './filesystem.ts';
import { emptyStat, FileType } from './volume.ts';

// What can be said of a descriptor without asking its volume, or by asking it twice.

/** The file system opens regular files and directories only. */
export function typeOf(descriptor: Descriptor): FileType {
  return descriptor.file === undefined ? FileType.directory : FileType.regularFile;
}

/** Advice changes nothing that a guest can see. */
export function advise(descriptor: Descriptor): Status {
  return descriptor.file === undefined ? ErrorCode.badDescriptor : 0;
}

/** @param right the bit of DescriptorFlags that the stream needs. @returns why there is none of this descriptor, or 0 */
export function refuseStream(descriptor: Descriptor, right: number): Status {
  if (descriptor.file === undefined) return ErrorCode.isDirectory;
  return (descriptor.flags & right) === 0 ? ErrorCode.badDescriptor : 0;
}

/** Inode numbers are unique within an instance, across its mounts. */
export function isSameObject(filesystem: Filesystem, one: Descriptor, other: Descriptor): boolean {
  if (one === other) return true;
  const stat = emptyStat();
  if (filesystem.stat(one, stat) !== 0) return false;
  const { inode } = stat;
  return filesystem.stat(other, stat) === 0 && stat.inode === inode;
}
