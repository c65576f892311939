import { ErrorCode, type Status } from '../../../src/virtual/error-code.ts';
import { type Descriptor, DescriptorFlags } from '../../../src/virtual/filesystem/descriptor.ts';
import { refuseStream } from '../../../src/virtual/filesystem/descriptor-operations.ts';
import type { NewTimestamp } from '../../../src/virtual/filesystem/volume.ts';
import type { Host } from '../../../src/virtual/host.ts';
import { checked, clampU64 } from '../abi/values.ts';
import { type Context, MAX_READ } from '../context.ts';
import { MAX_NEW_TIMESTAMP } from './bits.ts';
import { type DirectoryEntries, openListing } from '../../../src/virtual/filesystem/directory-entries.ts';
import { FileInputStream, FileOutputStream } from '../../../src/virtual/io/file-stream.ts';

// What a descriptor's functions do beyond handing a call on, for the plain and the lowered form alike.
// An ErrorCode says why something cannot be had.

const GIGA = 1_000_000_000n;

/** An offset or size. Above 2^53 there is no file, and the file system says so. */
export function position(value: bigint): number {
  return Number(BigInt.asUintN(64, value));
}

/** How many bytes a read may give. */
export function readLength(value: bigint): number {
  return clampU64(value, MAX_READ);
}

export function readViaStream(
  context: Context,
  descriptor: Descriptor,
  offset: bigint,
): FileInputStream | ErrorCode {
  const refused = takeStream(context, descriptor, DescriptorFlags.read);
  if (refused !== 0) return refused;
  return new FileInputStream(context.host.filesystem, descriptor, position(offset));
}

/** @param offset undefined for `append-via-stream` */
export function writeViaStream(
  context: Context,
  descriptor: Descriptor,
  offset: bigint | undefined,
): FileOutputStream | ErrorCode {
  const refused = takeStream(context, descriptor, DescriptorFlags.write);
  if (refused !== 0) return refused;
  return new FileOutputStream(
    context.host.filesystem,
    descriptor,
    offset === undefined ? undefined : position(offset),
  );
}

/** Takes what a stream takes, or says why there is none. */
function takeStream(context: Context, descriptor: Descriptor, right: number): Status {
  const refused = refuseStream(descriptor, right);
  if (refused !== 0) return refused;
  const operation = right === DescriptorFlags.read ? 'read' : 'write';
  if (!context.tryTakeHandle(operation, descriptor.path)) return ErrorCode.tooManyHandles;
  context.fileStreams.opened(descriptor);
  return 0;
}

export function readDirectory(context: Context, descriptor: Descriptor): DirectoryEntries | ErrorCode {
  const entries = openListing(context.host, descriptor, context.listings);
  if (typeof entries === 'number') return entries;
  if (context.tryTakeHandle('read-directory', descriptor.path)) return entries;
  entries.release();
  return ErrorCode.tooManyHandles;
}

/** variant new-timestamp { no-change, now, timestamp(datetime) } */
export const NewTime = { noChange: 0, now: 1, timestamp: 2 } as const;

/** @param kind a case of {@link NewTime}; traps at any other value */
export function newTimestamp(host: Host, kind: number, seconds: bigint, nanoseconds: number): NewTimestamp {
  if (checked(kind, MAX_NEW_TIMESTAMP) === NewTime.noChange) return undefined;
  if (kind === NewTime.now) return host.clocks.wall.peek();
  return BigInt.asUintN(64, seconds) * GIGA + BigInt(nanoseconds >>> 0);
}

/** Splits nanoseconds since the epoch; WIT's datetime cannot be before it. */
export function splitTime(
  nanoseconds: bigint,
): { readonly seconds: bigint; readonly nanoseconds: number } | undefined {
  if (nanoseconds < 0n) return undefined;
  const seconds = nanoseconds / GIGA;
  return { seconds, nanoseconds: Number(nanoseconds - seconds * GIGA) };
}
