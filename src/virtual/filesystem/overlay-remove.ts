import type { Permit } from '../../kernel/permit.ts';
import { ErrorCode, type Status } from '../error-code.ts';
import type { OverlayNode } from './overlay-node.ts';
import { raise } from './overlay-raise.ts';
import { asWhole, isFailure } from './overlay-undo.ts';
import { addWhiteout, clearMarkers, needsWhiteout } from './overlay-whiteouts.ts';
import { emptyStat, FileType, type VolumeDirectory } from './volume.ts';

export function unlinkIn(node: OverlayNode, name: string, permit: Permit): Status {
  const stat = emptyStat();
  const layer = node.layerOf(permit, name, stat);
  if (typeof layer === 'number') return layer;
  if (stat.type === FileType.directory) return ErrorCode.isDirectory;
  const inUpper = layer === node.upper;
  const status = asWhole((undo) => {
    if (inUpper && !needsWhiteout(node, name, permit)) return layer.unlinkFile(permit, name);
    const raised = raise(node, permit, undo);
    const hidden = raised === 0 ? addWhiteout(node, name, permit, undo) : raised;
    return hidden === 0 && inUpper ? layer.unlinkFile(permit, name) : hidden;
  }, isFailure);
  if (status === 0 && !inUpper) node.context.hide(node, name, stat);
  return status;
}

export function removeDirectoryIn(node: OverlayNode, name: string, permit: Permit): Status {
  const stat = emptyStat();
  const layer = node.layerOf(permit, name, stat);
  if (typeof layer === 'number') return layer;
  if (stat.type !== FileType.directory) return ErrorCode.notDirectory;
  const child = node.openChild(permit, name);
  if (typeof child === 'number') return child;
  let status = checkEmpty(child, permit);
  if (status === 0) {
    status = removeChild(node, child, permit);
    if (status === 0) detach(child);
  }
  child.release();
  return status;
}

/** @returns `notEmpty` when there is something in what both layers make up */
export function checkEmpty(child: OverlayNode, permit: Permit): Status {
  const entries = child.entries(permit);
  if (typeof entries === 'number') return entries;
  return entries.length === 0 ? 0 : ErrorCode.notEmpty;
}

/** Its users may go on using it, but nothing is in it, and nothing can be made. */
export function detach(child: OverlayNode): void {
  child.parent?.children.delete(child.name);
  child.parent?.subdirectoriesChanged();
  child.parent = undefined;
  child.removed = true;
}

function removeChild(node: OverlayNode, child: OverlayNode, permit: Permit): Status {
  return asWhole((undo) => {
    if (needsWhiteout(node, child.name, permit)) {
      const raised = raise(node, permit, undo);
      const status = raised === 0 ? addWhiteout(node, child.name, permit, undo) : raised;
      if (status !== 0 || !child.hasUpper) return status;
    }
    return removeUpper(node, child, permit);
  }, isFailure);
}

/** Next to its whiteout, and empty, the directory stays what it is while its markers go, also if it cannot be removed. */
function removeUpper(node: OverlayNode, child: OverlayNode, permit: Permit): Status {
  const upper = node.upper as VolumeDirectory;
  const markers = child.whiteouts.size > 0 || child.opaque;
  const status = markers ? ErrorCode.notEmpty : upper.removeDirectory(permit, child.name);
  if (status !== ErrorCode.notEmpty) return status;
  child.dropLower();
  clearMarkers(child, permit);
  return upper.removeDirectory(permit, child.name);
}
