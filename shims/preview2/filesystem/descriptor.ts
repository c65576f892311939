import type { Status } from '../../../src/virtual/error-code.ts';
import type { Filesystem } from '../../../src/virtual/filesystem/filesystem.ts';
import type { FileType, NewTimestamp, Stat } from '../../../src/virtual/filesystem/volume.ts';
import type { Datetime } from '../clocks/wall-clock.ts';
import type { InputStream, OutputStream } from '../io/streams.ts';
import { ComponentError } from '../plain/component-error.ts';
import { PlainResource } from '../plain/resource.ts';
import {
  descriptorType,
  descriptorBits,
  openBits,
  type PlainDescriptorFlags,
  plainDescriptorFlags,
  type PlainOpenFlags,
  type PlainPathFlags,
} from './bits.ts';
import { advise, isSameObject, typeOf } from '../../../src/virtual/filesystem/descriptor-operations.ts';
import {
  NewTime,
  newTimestamp,
  position,
  readDirectory,
  readLength,
  readViaStream,
  splitTime,
  writeViaStream,
} from './descriptor-operations.ts';
import { errorName, type ErrorCodeName } from './error-code.ts';
import { metadataHash } from '../../../src/virtual/filesystem/metadata-hash.ts';
import type { DirectoryEntryStream } from './types.ts';

/** The cases of `descriptor-type` in the order of WIT, which is that of FileType. */
const TYPE_NAMES = [
  'unknown',
  'block-device',
  'character-device',
  'directory',
  'fifo',
  'symbolic-link',
  'regular-file',
  'socket',
] as const;

export type DescriptorType = (typeof TYPE_NAMES)[number];

export type PlainNewTimestamp =
  | { readonly tag: 'no-change' }
  | { readonly tag: 'now' }
  | { readonly tag: 'timestamp'; readonly val: Datetime };

export type Advice = 'normal' | 'sequential' | 'random' | 'will-need' | 'dont-need' | 'no-reuse';

export interface DescriptorStat {
  readonly type: DescriptorType;
  readonly linkCount: bigint;
  readonly size: bigint;
  readonly dataAccessTimestamp?: Datetime;
  readonly dataModificationTimestamp?: Datetime;
  readonly statusChangeTimestamp?: Datetime;
}

export interface MetadataHashValue {
  readonly lower: bigint;
  readonly upper: bigint;
}

export function typeName(type: FileType): DescriptorType {
  return TYPE_NAMES[descriptorType(type)];
}

/** The plain form. What each function means stands with the file system; descriptor-lowerings.ts has the same ones lowered. */
export class Descriptor extends PlainResource<'descriptor'> {
  // read-via-stream: func(offset: filesize) -> result<input-stream, error-code>
  readViaStream(offset: bigint): InputStream {
    return this.bindings.make(
      'input-stream',
      unwrap(readViaStream(this.bindings.context, this.target, offset)),
    );
  }

  // write-via-stream: func(offset: filesize) -> result<output-stream, error-code>
  writeViaStream(offset: bigint): OutputStream {
    return this.bindings.make(
      'output-stream',
      unwrap(writeViaStream(this.bindings.context, this.target, offset)),
    );
  }

  // append-via-stream: func() -> result<output-stream, error-code>
  appendViaStream(): OutputStream {
    return this.bindings.make(
      'output-stream',
      unwrap(writeViaStream(this.bindings.context, this.target, undefined)),
    );
  }

  // advise: func(offset: filesize, length: filesize, advice: advice) -> result<_, error-code>
  advise(_offset: bigint, _length: bigint, _advice: Advice): void {
    check(advise(this.target));
  }

  // sync-data: func() -> result<_, error-code>
  syncData(): void {
    check(files(this).sync(this.target, true));
  }

  // get-flags: func() -> result<descriptor-flags, error-code>
  getFlags(): PlainDescriptorFlags {
    return plainDescriptorFlags(this.target.flags);
  }

  // get-type: func() -> result<descriptor-type, error-code>
  getType(): DescriptorType {
    return typeName(typeOf(this.target));
  }

  // set-size: func(size: filesize) -> result<_, error-code>
  setSize(size: bigint): void {
    check(files(this).setSize(this.target, position(size)));
  }

  // set-times: func(data-access-timestamp: new-timestamp, data-modification-timestamp: new-timestamp) -> result<_, error-code>
  setTimes(accessed: PlainNewTimestamp, modified: PlainNewTimestamp): void {
    check(files(this).setTimes(this.target, time(this, accessed), time(this, modified)));
  }

  // read: func(length: filesize, offset: filesize) -> result<tuple<list<u8>, bool>, error-code>
  read(length: bigint, offset: bigint): [Uint8Array, boolean] {
    const bytes = new Uint8Array(readLength(length));
    const count = files(this).read(this.target, bytes, 0, bytes.length, position(offset));
    if (count < 0) throwCode(-count);
    return [bytes.subarray(0, count), count === 0 && bytes.length > 0];
  }

  // write: func(buffer: list<u8>, offset: filesize) -> result<filesize, error-code>
  write(buffer: Uint8Array, offset: bigint): bigint {
    const count = files(this).write(this.target, buffer, 0, buffer.length, position(offset));
    return count < 0 ? throwCode(-count) : BigInt(count);
  }

  // read-directory: func() -> result<directory-entry-stream, error-code>
  readDirectory(): DirectoryEntryStream {
    return this.bindings.make(
      'directory-entry-stream',
      unwrap(readDirectory(this.bindings.context, this.target)),
    );
  }

  // sync: func() -> result<_, error-code>
  sync(): void {
    check(files(this).sync(this.target, false));
  }

  // create-directory-at: func(path: string) -> result<_, error-code>
  createDirectoryAt(path: string): void {
    check(files(this).createDirectoryAt(this.target, path));
  }

  // stat: func() -> result<descriptor-stat, error-code>
  stat(): DescriptorStat {
    const { stat } = this.bindings.context;
    check(files(this).stat(this.target, stat));
    return plainStat(stat);
  }

  // stat-at: func(path-flags: path-flags, path: string) -> result<descriptor-stat, error-code>
  statAt(flags: PlainPathFlags, path: string): DescriptorStat {
    const { stat } = this.bindings.context;
    check(files(this).statAt(this.target, follows(flags), path, stat));
    return plainStat(stat);
  }

  // set-times-at: func(path-flags: path-flags, path: string, data-access-timestamp: new-timestamp, data-modification-timestamp: new-timestamp) -> result<_, error-code>
  setTimesAt(
    flags: PlainPathFlags,
    path: string,
    accessed: PlainNewTimestamp,
    modified: PlainNewTimestamp,
  ): void {
    check(
      files(this).setTimesAt(this.target, follows(flags), path, time(this, accessed), time(this, modified)),
    );
  }

  // link-at: func(old-path-flags: path-flags, old-path: string, new-descriptor: borrow<descriptor>, new-path: string) -> result<_, error-code>
  linkAt(flags: PlainPathFlags, path: string, newDescriptor: Descriptor, newPath: string): void {
    check(files(this).linkAt(this.target, follows(flags), path, newDescriptor.target, newPath));
  }

  // open-at: func(path-flags: path-flags, path: string, open-flags: open-flags, %flags: descriptor-flags) -> result<descriptor, error-code>
  openAt(
    pathFlags: PlainPathFlags,
    path: string,
    openFlags: PlainOpenFlags,
    flags: PlainDescriptorFlags,
  ): Descriptor {
    const opened = files(this).openAt(
      this.target,
      follows(pathFlags),
      path,
      openBits(openFlags),
      descriptorBits(flags),
    );
    return this.bindings.make('descriptor', unwrap(opened));
  }

  // readlink-at: func(path: string) -> result<string, error-code>
  readlinkAt(path: string): string {
    return unwrap(files(this).readlinkAt(this.target, path));
  }

  // remove-directory-at: func(path: string) -> result<_, error-code>
  removeDirectoryAt(path: string): void {
    check(files(this).removeDirectoryAt(this.target, path));
  }

  // rename-at: func(old-path: string, new-descriptor: borrow<descriptor>, new-path: string) -> result<_, error-code>
  renameAt(path: string, newDescriptor: Descriptor, newPath: string): void {
    check(files(this).renameAt(this.target, path, newDescriptor.target, newPath));
  }

  // symlink-at: func(old-path: string, new-path: string) -> result<_, error-code>
  symlinkAt(target: string, path: string): void {
    check(files(this).symlinkAt(this.target, target, path));
  }

  // unlink-file-at: func(path: string) -> result<_, error-code>
  unlinkFileAt(path: string): void {
    check(files(this).unlinkFileAt(this.target, path));
  }

  // is-same-object: func(other: borrow<descriptor>) -> bool
  isSameObject(other: Descriptor): boolean {
    return isSameObject(this.bindings.context.host.filesystem, this.target, other.target);
  }

  // metadata-hash: func() -> result<metadata-hash-value, error-code>
  metadataHash(): MetadataHashValue {
    const { stat } = this.bindings.context;
    check(files(this).stat(this.target, stat));
    return plainHash(stat);
  }

  // metadata-hash-at: func(path-flags: path-flags, path: string) -> result<metadata-hash-value, error-code>
  metadataHashAt(flags: PlainPathFlags, path: string): MetadataHashValue {
    const { stat } = this.bindings.context;
    check(files(this).statAt(this.target, follows(flags), path, stat));
    return plainHash(stat);
  }
}

function files(descriptor: Descriptor): Filesystem {
  return descriptor.bindings.context.host.filesystem;
}

function time(descriptor: Descriptor, value: PlainNewTimestamp): NewTimestamp {
  const { host } = descriptor.bindings.context;
  if (value.tag === 'timestamp')
    return newTimestamp(host, NewTime.timestamp, value.val.seconds, value.val.nanoseconds);
  return newTimestamp(host, value.tag === 'now' ? NewTime.now : NewTime.noChange, 0n, 0);
}

function follows(flags: PlainPathFlags): boolean {
  return flags.symlinkFollow === true;
}

function plainStat(stat: Stat): DescriptorStat {
  const accessed = splitTime(stat.accessed);
  const modified = splitTime(stat.modified);
  const changed = splitTime(stat.changed);
  return {
    type: typeName(stat.type),
    linkCount: BigInt(stat.linkCount),
    size: BigInt(stat.size),
    ...(accessed && { dataAccessTimestamp: accessed }),
    ...(modified && { dataModificationTimestamp: modified }),
    ...(changed && { statusChangeTimestamp: changed }),
  };
}

function plainHash(stat: Stat): MetadataHashValue {
  const [lower = 0n, upper = 0n] = metadataHash(stat);
  return { lower, upper };
}

function throwCode(code: number): never {
  throw new ComponentError<ErrorCodeName>(errorName(code));
}

function check(status: Status): void {
  if (status !== 0) throwCode(status);
}

function unwrap<T extends object | string>(value: T | number): T {
  return typeof value === 'number' ? throwCode(value) : value;
}
