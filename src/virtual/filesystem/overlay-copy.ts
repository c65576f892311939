import type { Permit } from '../../kernel/permit.ts';
import { ErrorCode, type Status } from '../error-code.ts';
import type { OpenLowerFile } from './overlay-context.ts';
import type { OverlayNode } from './overlay-node.ts';
import { keepTimes } from './overlay-raise.ts';
import type { Undo } from './overlay-undo.ts';
import { emptyStat, FileType, OpenMode, type Stat, type VolumeDirectory, type VolumeFile } from './volume.ts';

/** How much is copied at once. */
const CHUNK = 1 << 20;

/** A copy in the upper layer that has a temporary name yet: nobody sees it, and it takes all that it needs of a quota. */
export interface Copy {
  readonly node: OverlayNode;
  readonly name: string;
  readonly temporary: string;
  /** Of the original. */
  readonly lower: Stat;
  /** In the upper layer. */
  readonly inode: bigint;
}

/** Where a copy goes, and the stat of what it is of. */
interface Place {
  readonly upper: VolumeDirectory;
  readonly temporary: string;
  readonly lower: Stat;
}

/**
 * Copies a file or symlink up, with its times. The node is in use and has an upper directory.
 *
 * @param empty for a file that is truncated anyway
 */
export function copyUp(
  node: OverlayNode,
  name: string,
  permit: Permit,
  undo: Undo,
  empty = false,
): Copy | ErrorCode {
  const { context } = node;
  const [from, upper] = [node.lower as VolumeDirectory, node.upper as VolumeDirectory];
  const temporary = context.temporary();
  const restore = keepTimes(upper, permit);
  const [lower, copied] = [emptyStat(), emptyStat()];
  let status = from.statAt(permit, name, lower);
  if (status !== 0) return status;
  const to = { upper, temporary, lower };
  status =
    lower.type === FileType.symbolicLink
      ? copySymlink(from, name, to, permit)
      : copyNamed(from, name, to, empty, permit);
  if (status === 0) status = upper.statAt(permit, temporary, copied);
  if (status !== 0) upper.unlinkFile(permit, temporary);
  restore();
  if (status !== 0) return status;
  undo.push(() => discard(node, temporary, permit));
  return { node, name, temporary, lower, inode: copied.inode };
}

/** Puts a copy in the place of the original, for the name and for all who have the file open. The node is in use. */
export function publish({ node, name, temporary, lower, inode }: Copy, permit: Permit): Status {
  const { context } = node;
  const upper = node.upper as VolumeDirectory;
  const opens = [...(context.opens.get(lower.inode) ?? [])];
  let status = prepareAll(opens, upper, temporary, permit);
  if (status !== 0) return status;
  const restore = keepTimes(upper, permit);
  status = upper.rename(permit, temporary, upper, name);
  restore();
  if (status !== 0) {
    for (const file of opens) file.cancel();
    return status;
  }
  // Two files cannot have one number: of several names the one that is copied up becomes a file of its own.
  if (lower.linkCount > 1) context.hideLink(lower);
  else context.copied(inode, lower);
  for (const file of opens) file.commit();
  return 0;
}

/** As {@link copyUp} and {@link publish} for a file without a name: the copy has none either. */
export function copyNameless(root: OverlayNode, file: VolumeFile, permit: Permit, empty: boolean): Status {
  const { context } = root;
  const upper = root.upper as VolumeDirectory;
  const temporary = context.temporary();
  const restore = keepTimes(upper, permit);
  const [lower, copied] = [emptyStat(), emptyStat()];
  let status = file.stat(permit, lower);
  const opens = [...(context.opens.get(lower.inode) ?? [])];
  if (status === 0) status = copyFile(file, { upper, temporary, lower }, empty, permit);
  if (status === 0) status = upper.statAt(permit, temporary, copied);
  if (status === 0) status = prepareAll(opens, upper, temporary, permit);
  upper.unlinkFile(permit, temporary);
  restore();
  if (status !== 0) return status;
  if (lower.linkCount === 1) context.copied(copied.inode, lower);
  for (const open of opens) open.commit();
  return 0;
}

function prepareAll(
  opens: readonly OpenLowerFile[],
  directory: VolumeDirectory,
  temporary: string,
  permit: Permit,
): Status {
  let status: Status = 0;
  for (const file of opens) {
    status = file.prepareSwitch(permit, directory, temporary);
    if (status !== 0) break;
  }
  if (status !== 0) for (const file of opens) file.cancel();
  return status;
}

function discard(node: OverlayNode, temporary: string, permit: Permit): void {
  if (node.acquire(permit) !== 0) return;
  const upper = node.upper as VolumeDirectory;
  const restore = keepTimes(upper, permit);
  upper.unlinkFile(permit, temporary);
  restore();
  node.release();
}

function copySymlink(from: VolumeDirectory, name: string, to: Place, permit: Permit): Status {
  const target = from.readlink(permit, name);
  if (typeof target === 'number') return target;
  const { upper, temporary, lower } = to;
  const status = upper.symlink(permit, temporary, target);
  if (status === 0) upper.setTimesAt(permit, temporary, lower.accessed, lower.modified);
  return status;
}

function copyNamed(from: VolumeDirectory, name: string, to: Place, empty: boolean, permit: Permit): Status {
  const file = from.openFile(permit, name, OpenMode.read);
  if (typeof file === 'number') return file;
  const status = copyFile(file, to, empty, permit);
  file.close();
  return status;
}

/** Leaves the temporary name behind also when it fails. */
function copyFile(
  from: VolumeFile,
  { upper, temporary, lower }: Place,
  empty: boolean,
  permit: Permit,
): Status {
  const to = upper.openFile(permit, temporary, OpenMode.write | OpenMode.create | OpenMode.exclusive);
  if (typeof to === 'number') return to;
  const status = empty ? 0 : copyContent(from, to, lower.size, permit);
  // Times before 1970 cannot be set on every volume; the copy has those of now then.
  if (status === 0) to.setTimes(permit, lower.accessed, empty ? undefined : lower.modified);
  to.close();
  return status;
}

/**
 * Copies bytes; blocks of zeros stay holes.
 *
 * @param to empty
 */
export function copyContent(from: VolumeFile, to: VolumeFile, size: number, permit: Permit): Status {
  // All that a quota may refuse at once, before anything is read.
  const status = size === 0 ? 0 : to.setSize(permit, size);
  if (status !== 0) return status;
  const buffer = Buffer.allocUnsafe(Math.min(size, CHUNK));
  for (let position = 0; position < size;) {
    const count = from.read(permit, buffer, 0, Math.min(buffer.length, size - position), position);
    if (count < 0) return -count as ErrorCode;
    // Shorter than a moment ago: somebody else's change to the lower layer.
    if (count === 0) return to.setSize(permit, position);
    const written = isZero(buffer, count) ? count : writeAll(to, buffer, count, position, permit);
    if (written < 0) return -written as ErrorCode;
    position += count;
  }
  return 0;
}

const ZEROS = Buffer.alloc(1 << 16);

function isZero(buffer: Buffer, length: number): boolean {
  for (let start = 0; start < length; start += ZEROS.length) {
    const end = Math.min(start + ZEROS.length, length);
    if (buffer.compare(ZEROS, 0, end - start, start, end) !== 0) return false;
  }
  return true;
}

function writeAll(to: VolumeFile, buffer: Buffer, length: number, position: number, permit: Permit): number {
  let done = 0;
  while (done < length) {
    const count = to.write(permit, buffer, done, length - done, position + done);
    if (count < 0) return count;
    if (count === 0) return -ErrorCode.io;
    done += count;
  }
  return done;
}
