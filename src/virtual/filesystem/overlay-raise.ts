import type { Permit } from '../../kernel/permit.ts';
import { ErrorCode, type Status } from '../error-code.ts';
import type { OverlayNode } from './overlay-node.ts';
import type { Undo } from './overlay-undo.ts';
import { emptyStat, type VolumeDirectory } from './volume.ts';

/** Gives a directory in use an upper directory, and those above it, so that changes have a place. */
export function raise(node: OverlayNode, permit: Permit, undo: Undo): Status {
  if (node.removed) return ErrorCode.noEntry;
  if (node.hasUpper) return 0;
  const missing: OverlayNode[] = [];
  let above = node;
  for (; !above.hasUpper; above = above.parent as OverlayNode) missing.push(above);
  const held: OverlayNode[] = [];
  let status: Status = 0;
  while (status === 0) {
    const next = missing.pop();
    if (next === undefined) break;
    status = above.acquire(permit);
    if (status !== 0) break;
    held.push(above);
    status = raiseIn(above, next, permit);
    if (status === 0) undo.push(() => lowerAgain(next, permit));
    above = next;
  }
  for (const parent of held) parent.release();
  return status;
}

/**
 * Gives a directory that was removed, and lived in the lower layer only, an upper directory as nameless as it is: those
 * who hold it may still set its times. What the quota lends for it comes back when the last of them lets it go.
 */
export function raiseRemoved(root: OverlayNode, node: OverlayNode, permit: Permit): Status {
  const place = root.upper as VolumeDirectory;
  const temporary = node.context.temporary();
  const stat = emptyStat();
  let status = (node.lower as VolumeDirectory).stat(permit, stat);
  if (status !== 0) return status;
  const restore = keepTimes(place, permit);
  status = place.createDirectory(permit, temporary);
  if (status === 0) {
    const upper = place.openDirectory(permit, temporary);
    place.removeDirectory(permit, temporary);
    if (typeof upper === 'number') status = upper;
    else {
      upper.setTimes(permit, stat.accessed, stat.modified);
      node.upper = upper;
    }
  }
  restore();
  return status;
}

/**
 * Times tell of changes, and to be copied up is none.
 *
 * @returns what sets the times of `directory` back to what they are now
 */
export function keepTimes(directory: VolumeDirectory, permit: Permit): () => void {
  const before = emptyStat();
  if (directory.stat(permit, before) !== 0) return () => {};
  return () => void directory.setTimes(permit, before.accessed, before.modified);
}

function raiseIn(parent: OverlayNode, node: OverlayNode, permit: Permit): Status {
  const place = parent.upper as VolumeDirectory;
  const stat = emptyStat();
  let status = (parent.lower as VolumeDirectory).statAt(permit, node.name, stat);
  if (status !== 0) return status;
  const restore = keepTimes(place, permit);
  status = place.createDirectory(permit, node.name);
  if (status !== 0) return status;
  status = adoptUpper(place, node, permit);
  if (status !== 0) place.removeDirectory(permit, node.name);
  restore();
  return status;
}

function adoptUpper(place: VolumeDirectory, node: OverlayNode, permit: Permit): Status {
  const upper = place.openDirectory(permit, node.name);
  if (typeof upper === 'number') return upper;
  const stat = emptyStat();
  let status = (node.parent as OverlayNode).lower?.statAt(permit, node.name, stat) ?? ErrorCode.noEntry;
  const { accessed, modified } = stat;
  const lower = { ...stat };
  if (status === 0) status = upper.stat(permit, stat);
  if (status === 0) {
    node.context.copied(stat.inode, lower);
    node.hasUpper = true;
    // Times before 1970 cannot be set on every volume; the copy has those of now then.
    upper.setTimes(permit, accessed, modified);
  }
  if (status === 0 && node.inUse) node.upper = upper;
  else upper.close();
  return status;
}

function lowerAgain(node: OverlayNode, permit: Permit): void {
  const parent = node.parent as OverlayNode;
  if (parent.acquire(permit) !== 0) return;
  const place = parent.upper as VolumeDirectory;
  const restore = keepTimes(place, permit);
  const stat = emptyStat();
  const known = place.statAt(permit, node.name, stat) === 0;
  // Should it not go, then it stays an empty directory that shows everything of the lower one.
  if (place.removeDirectory(permit, node.name) === 0) {
    if (known) node.context.forgetCopy(stat.inode);
    node.hasUpper = false;
    node.upper?.close();
    node.upper = undefined;
  }
  restore();
  parent.release();
}
