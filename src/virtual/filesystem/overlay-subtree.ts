import type { Permit } from '../../kernel/permit.ts';
import { ErrorCode, type Status } from '../error-code.ts';
import { type Copy, copyUp, publish } from './overlay-copy.ts';
import type { OverlayNode } from './overlay-node.ts';
import { keepTimes, raise } from './overlay-raise.ts';
import type { Undo } from './overlay-undo.ts';
import { clearOpaque, clearWhiteouts } from './overlay-whiteouts.ts';
import { emptyStat, FileType, type VolumeDirectory } from './volume.ts';

/** Copies up everything that shows through below a directory, which is in use and has an upper directory. */
export function fillUp(top: OverlayNode, permit: Permit, undo: Undo): Status {
  const copies: Copy[] = [];
  const pending = [top];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const status = inUse(node, permit, (at) => copyNames(at, permit, undo, pending, copies));
    if (status !== 0) return status;
  }
  // Only now, when all has had room, does anything change.
  for (const copy of copies) {
    const status = inUse(copy.node, permit, () => publish(copy, permit));
    if (status !== 0) return status;
  }
  return 0;
}

/** Nothing of the lower layer shows through below a directory any more, so what hides it has no meaning. */
export function forgetLower(top: OverlayNode, permit: Permit): void {
  const pending = [top];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    node.dropLower();
    pending.push(...node.children.values());
    if (node.whiteouts.size === 0 && !node.opaque) continue;
    inUse(node, permit, (at) => {
      const restore = keepTimes(at.upper as VolumeDirectory, permit);
      clearWhiteouts(at, permit);
      // The top may stand where the lower layer has a directory.
      if (at !== top) clearOpaque(at, permit);
      restore();
      return 0;
    });
  }
}

function copyNames(
  node: OverlayNode,
  permit: Permit,
  undo: Undo,
  pending: OverlayNode[],
  copies: Copy[],
): Status {
  const entries = node.lower?.entries(permit) ?? [];
  if (typeof entries === 'number') return entries;
  const stat = emptyStat();
  for (const { name } of entries) {
    const layer = node.layerOf(permit, name, stat);
    // Hidden, or gone from the lower layer since it was listed.
    if (layer === ErrorCode.noEntry) continue;
    if (typeof layer === 'number') return layer;
    if (stat.type === FileType.directory) {
      const status = raiseChild(node, name, permit, undo, pending);
      if (status !== 0) return status;
    } else if (layer !== node.upper) {
      const copy = copyUp(node, name, permit, undo);
      if (typeof copy === 'number') return copy;
      copies.push(copy);
    }
  }
  return 0;
}

function raiseChild(
  node: OverlayNode,
  name: string,
  permit: Permit,
  undo: Undo,
  pending: OverlayNode[],
): Status {
  const child = node.openChild(permit, name);
  if (typeof child === 'number') return child;
  const status = raise(child, permit, undo);
  child.release();
  if (status === 0 && child.hasLower) pending.push(child);
  return status;
}

function inUse(node: OverlayNode, permit: Permit, act: (node: OverlayNode) => Status): Status {
  const status = node.acquire(permit);
  if (status !== 0) return status;
  const result = act(node);
  node.release();
  return result;
}
