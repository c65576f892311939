import type { Permit } from '../../kernel/permit.ts';
import type { Status } from '../error-code.ts';
import { OPAQUE, whiteoutOf } from './overlay-names.ts';
import type { OverlayNode } from './overlay-node.ts';
import type { Undo } from './overlay-undo.ts';
import { emptyStat, FileType, OpenMode, type VolumeDirectory } from './volume.ts';

/*
 * Of a name in the upper directory and a whiteout of it the name counts, and a directory is opaque then. So a whiteout
 * is made before the name goes and removed after the name is made, and a crash in between shows the old or the new.
 */

/** @returns whether the lower directory would show `name` if the upper one did not have it. */
export function needsWhiteout(node: OverlayNode, name: string, permit: Permit): boolean {
  const lower = node.lowerOf(name);
  return lower !== undefined && lower.statAt(permit, name, emptyStat()) === 0;
}

/** Hides `name` of the lower directory. The node has an upper directory. */
export function addWhiteout(node: OverlayNode, name: string, permit: Permit, undo: Undo): Status {
  if (node.whiteouts.has(name)) return 0;
  const status = makeEmpty(node.upper as VolumeDirectory, whiteoutOf(name), permit);
  if (status !== 0) return status;
  node.whiteouts.add(name);
  undo.push(() => dropWhiteout(node, name, permit));
  return 0;
}

/** Does nothing when there is none. If it cannot be removed it does no harm next to the name. */
export function dropWhiteout(node: OverlayNode, name: string, permit: Permit): void {
  if (!node.whiteouts.has(name)) return;
  if (node.upper?.unlinkFile(permit, whiteoutOf(name)) === 0) node.whiteouts.delete(name);
}

/** Makes the file that {@link settle} turns into a marker: all that a quota may refuse comes before all changes. */
export function placeholder(node: OverlayNode, permit: Permit, undo: Undo): string | Exclude<Status, 0> {
  const name = node.context.temporary();
  const status = makeEmpty(node.upper as VolumeDirectory, name, permit);
  if (status !== 0) return status;
  undo.push(() => void node.upper?.unlinkFile(permit, name));
  return name;
}

/** Renames a placeholder to the whiteout of `name`, or to the opaque marker when that is `undefined`. */
export function settle(
  node: OverlayNode,
  held: string,
  name: string | undefined,
  permit: Permit,
  undo: Undo,
): Status {
  const upper = node.upper as VolumeDirectory;
  const status = upper.rename(permit, held, upper, name === undefined ? OPAQUE : whiteoutOf(name));
  if (status !== 0) return status;
  if (name === undefined) {
    node.opaque = true;
    node.dropLower();
  } else {
    node.whiteouts.add(name);
    undo.push(() => dropWhiteout(node, name, permit));
  }
  return 0;
}

/** @returns whether a new directory `name` must be opaque: one of the lower layer would show through */
export function coversDirectory(node: OverlayNode, name: string, permit: Permit): boolean {
  const stat = emptyStat();
  return node.lower?.statAt(permit, name, stat) === 0 && stat.type === FileType.directory;
}

/** Removes all markers of a directory in use, which has no lower directory any more. */
export function clearMarkers(node: OverlayNode, permit: Permit): void {
  clearWhiteouts(node, permit);
  clearOpaque(node, permit);
}

export function clearWhiteouts(node: OverlayNode, permit: Permit): void {
  for (const name of node.whiteouts) dropWhiteout(node, name, permit);
}

export function clearOpaque(node: OverlayNode, permit: Permit): void {
  if (node.opaque && node.upper?.unlinkFile(permit, OPAQUE) === 0) node.opaque = false;
}

export function makeEmpty(directory: VolumeDirectory, name: string, permit: Permit): Status {
  const file = directory.openFile(permit, name, OpenMode.write | OpenMode.create | OpenMode.exclusive);
  if (typeof file === 'number') return file;
  file.close();
  return 0;
}
