import type { Permit } from '../../kernel/permit.ts';
import { ErrorCode, type Status } from '../error-code.ts';
import { copyUp, publish } from './overlay-copy.ts';
import type { NodeEnd } from './overlay-link.ts';
import { isReserved } from './overlay-names.ts';
import type { OverlayNode } from './overlay-node.ts';
import { keepTimes, raise } from './overlay-raise.ts';
import { checkEmpty, detach } from './overlay-remove.ts';
import { fillUp, forgetLower } from './overlay-subtree.ts';
import { asWhole, isFailure, type Undo } from './overlay-undo.ts';
import {
  addWhiteout,
  clearMarkers,
  coversDirectory,
  dropWhiteout,
  needsWhiteout,
  placeholder,
  settle,
} from './overlay-whiteouts.ts';
import { emptyStat, FileType, type Stat, type VolumeDirectory } from './volume.ts';

/**
 * Renames as a plain directory does, without EXDEV: a directory of the lower layer is copied up as a whole.
 *
 * In the upper layer everything that can be refused comes first: upper directories, room for the markers, copies.
 * The last steps are only renames and removals.
 */
export function renameIn(from: NodeEnd, to: NodeEnd, permit: Permit): Status {
  const [source, target] = [emptyStat(), emptyStat()];
  const layer = from.node.layerOf(permit, from.name, source);
  if (typeof layer === 'number') return layer;
  if (isReserved(to.name)) return ErrorCode.notPermitted;
  if (to.node.removed) return ErrorCode.noEntry;
  const over = to.node.layerOf(permit, to.name, target);
  if (typeof over === 'number' && over !== ErrorCode.noEntry) return over;
  const inUpper = layer === from.node.upper;
  const replaced = typeof over === 'number' ? undefined : target;
  const replacesUpper = over === to.node.upper;
  if (replaced !== undefined) {
    const { context } = from.node;
    // POSIX: two names of one file both stay.
    if (context.numberOf(inUpper, source.inode) === context.numberOf(replacesUpper, target.inode)) return 0;
  }
  const isDirectory = source.type === FileType.directory;
  if (isDirectory && liesIn(to.node, from)) return ErrorCode.invalid;
  const mismatch = checkReplaced(isDirectory, replaced);
  if (mismatch !== 0) return mismatch;
  if (isDirectory) return renameDirectory(from, to, replaced !== undefined, permit);
  const status = asWhole((undo) => moveFile(from, to, inUpper, permit, undo), isFailure);
  if (status !== 0) return status;
  if (replaced !== undefined && !replacesUpper) to.node.context.hide(to.node, to.name, target);
  dropWhiteout(to.node, to.name, permit);
  return 0;
}

function checkReplaced(isDirectory: boolean, replaced: Stat | undefined): Status {
  if (replaced === undefined) return 0;
  const overDirectory = replaced.type === FileType.directory;
  if (isDirectory && !overDirectory) return ErrorCode.notDirectory;
  return overDirectory && !isDirectory ? ErrorCode.isDirectory : 0;
}

function liesIn(node: OverlayNode, { node: parent, name }: NodeEnd): boolean {
  for (let at: OverlayNode | undefined = node; at !== undefined; at = at.parent) {
    if (at.parent === parent && at.name === name) return true;
  }
  return false;
}

function moveFile(from: NodeEnd, to: NodeEnd, inUpper: boolean, permit: Permit, undo: Undo): Status {
  let status = raise(from.node, permit, undo);
  if (status === 0) status = raise(to.node, permit, undo);
  if (status !== 0) return status;
  const held = needsWhiteout(from.node, from.name, permit) ? placeholder(from.node, permit, undo) : undefined;
  if (typeof held === 'number') return held;
  if (!inUpper) {
    const copy = copyUp(from.node, from.name, permit, undo);
    if (typeof copy === 'number') return copy;
    status = publish(copy, permit);
    if (status !== 0) return status;
  }
  return moveUpper(from, to, held, permit, undo);
}

/** The last steps. @param held the placeholder of the whiteout that must stay behind */
function moveUpper(from: NodeEnd, to: NodeEnd, held: string | undefined, permit: Permit, undo: Undo): Status {
  const status = held === undefined ? 0 : settle(from.node, held, from.name, permit, undo);
  if (status !== 0) return status;
  return (from.node.upper as VolumeDirectory).rename(
    permit,
    from.name,
    to.node.upper as VolumeDirectory,
    to.name,
  );
}

function renameDirectory(from: NodeEnd, to: NodeEnd, replaces: boolean, permit: Permit): Status {
  const child = from.node.openChild(permit, from.name);
  if (typeof child === 'number') return child;
  const replaced = replaces ? to.node.openChild(permit, to.name) : undefined;
  let status: Status = typeof replaced === 'number' ? replaced : 0;
  const over = typeof replaced === 'object' ? replaced : undefined;
  if (status === 0 && over !== undefined) status = checkEmpty(over, permit);
  if (status === 0) {
    status = asWhole((undo) => moveDirectory(from, to, child, over, permit, undo), isFailure);
    if (status === 0) {
      if (over !== undefined) detach(over);
      reparent(child, to);
      dropWhiteout(to.node, to.name, permit);
      forgetLower(child, permit);
    }
  }
  over?.release();
  child.release();
  return status;
}

function moveDirectory(
  from: NodeEnd,
  to: NodeEnd,
  child: OverlayNode,
  over: OverlayNode | undefined,
  permit: Permit,
  undo: Undo,
): Status {
  let status = raise(child, permit, undo);
  if (status === 0) status = raise(to.node, permit, undo);
  if (status !== 0) return status;
  const held = needsWhiteout(from.node, from.name, permit) ? placeholder(from.node, permit, undo) : undefined;
  if (typeof held === 'number') return held;
  // Markers come and go in it, but to be renamed is no change of what is in it.
  const restore = keepTimes(child.upper as VolumeDirectory, permit);
  undo.push(restore);
  const needsMarker = !child.opaque && coversDirectory(to.node, to.name, permit);
  const marker = needsMarker ? placeholder(child, permit, undo) : undefined;
  if (typeof marker === 'number') return marker;
  if (over?.hasUpper === true && over.hasLower) status = addWhiteout(to.node, to.name, permit, undo);
  if (status === 0) status = fillUp(child, permit, undo);
  if (status === 0 && marker !== undefined) status = settle(child, marker, undefined, permit, undo);
  if (status !== 0) return status;
  restore();
  if (over?.hasUpper === true) {
    over.dropLower();
    clearMarkers(over, permit);
  }
  return moveUpper(from, to, held, permit, undo);
}

function reparent(child: OverlayNode, to: NodeEnd): void {
  child.parent?.children.delete(child.name);
  child.parent?.subdirectoriesChanged();
  child.parent = to.node;
  child.name = to.name;
  to.node.children.set(to.name, child);
  to.node.subdirectoriesChanged();
}
