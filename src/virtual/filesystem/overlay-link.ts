import type { Permit } from '../../kernel/permit.ts';
import { ErrorCode, type Status } from '../error-code.ts';
import { copyUp, publish } from './overlay-copy.ts';
import { isReserved } from './overlay-names.ts';
import type { OverlayNode } from './overlay-node.ts';
import { raise } from './overlay-raise.ts';
import { asWhole, isFailure, type Undo } from './overlay-undo.ts';
import { dropWhiteout } from './overlay-whiteouts.ts';
import { emptyStat, FileType, type VolumeDirectory } from './volume.ts';

/** A name in a directory in use. */
export interface NodeEnd {
  readonly node: OverlayNode;
  readonly name: string;
}

export function linkIn(from: NodeEnd, to: NodeEnd, permit: Permit): Status {
  const stat = emptyStat();
  const layer = from.node.layerOf(permit, from.name, stat);
  if (typeof layer === 'number') return layer;
  if (stat.type === FileType.directory) return ErrorCode.notPermitted;
  if (isReserved(to.name)) return ErrorCode.notPermitted;
  if (to.node.removed) return ErrorCode.noEntry;
  const there = to.node.layerOf(permit, to.name, emptyStat());
  if (there !== ErrorCode.noEntry) return typeof there === 'number' ? there : ErrorCode.exist;
  const inUpper = layer === from.node.upper;
  const status = asWhole((undo) => {
    const raised = raise(to.node, permit, undo);
    if (raised !== 0) return raised;
    const target = to.node.upper as VolumeDirectory;
    return inUpper
      ? layer.link(permit, from.name, target, to.name)
      : linkLower(from, target, to.name, permit, undo);
  }, isFailure);
  if (status === 0) dropWhiteout(to.node, to.name, permit);
  return status;
}

/** The copy gets its second name before its first, so that nothing has happened yet when a quota refuses one. */
function linkLower(
  { node, name }: NodeEnd,
  target: VolumeDirectory,
  toName: string,
  permit: Permit,
  undo: Undo,
): Status {
  let status = raise(node, permit, undo);
  if (status !== 0) return status;
  const copy = copyUp(node, name, permit, undo);
  if (typeof copy === 'number') return copy;
  status = (node.upper as VolumeDirectory).link(permit, copy.temporary, target, toName);
  if (status !== 0) return status;
  undo.push(() => void target.unlinkFile(permit, toName));
  return publish(copy, permit);
}
