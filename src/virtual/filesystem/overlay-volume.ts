import type { Permit } from '../../kernel/permit.ts';
import { ErrorCode, type Status } from '../error-code.ts';
import { compareLayers, type OverlayChange } from './overlay-changes.ts';
import { OverlayContext } from './overlay-context.ts';
import { OverlayDirectory } from './overlay-directory.ts';
import { isReserved } from './overlay-names.ts';
import { OverlayNode } from './overlay-node.ts';
import type { Quota } from './quota.ts';
import { emptyStat, type Volume, type VolumeDirectory } from './volume.ts';
import { volumeError } from './volume-error.ts';

export interface OverlayVolumeOptions {
  /** Never written to. */
  readonly lower: Volume;
  /** Takes all changes; nobody else writes to it meanwhile. What it holds already is part of what the guest sees. */
  readonly upper: Volume;
  /** That of the upper volume; what the lower one holds costs nothing. */
  readonly quota?: Quota | undefined;
}

/**
 * Copy-on-write: what is in the lower volume shows until it is changed, and all changes are in the upper one.
 *
 * The upper volume is a layer in the form of the OCI image layer specification: whiteouts (`.wh.NAME`) and opaque
 * directories (`.wh..wh..opq`), which are files like others, so that any volume can hold them and its export is a layer
 * that other tools understand. A guest sees no name that starts with `.wh.`, of neither volume, and cannot make one.
 *
 * To a guest it is a plain directory. A file is copied up, as a whole or not at all, when it is first changed; those who
 * have it open see the copy from then on. A directory of the lower volume is renamed by copying up all that is in it.
 * Where this shows:
 *
 * - A file with several names in the lower volume falls apart, as in Linux's overlayfs: the name that is changed becomes
 *   a file of its own, the others keep the old content.
 * - Markers and upper directories count against the quota of the upper volume, so that even to remove a file of the
 *   lower one can be refused; and the marker of a name of more than 251 bytes is more than a host can hold.
 * - `changed` of what is copied up is the time of the copy.
 */
export class OverlayVolume implements Volume {
  readonly quota: Quota | undefined;
  readonly offThread: boolean;
  readonly #context: OverlayContext;
  #root: OverlayNode | undefined;
  #closed = false;

  /** Closes both volumes when it is closed. */
  constructor({ lower, upper, quota = upper.quota }: OverlayVolumeOptions) {
    this.quota = quota;
    this.offThread = lower.offThread === true || upper.offThread === true;
    this.#context = new OverlayContext(lower, upper);
  }

  reserves(name: string): boolean {
    return isReserved(name);
  }

  openRoot(permit: Permit): VolumeDirectory | ErrorCode {
    if (this.#closed) return ErrorCode.badDescriptor;
    const root = this.#root ?? this.#openLayers(permit);
    if (typeof root === 'number') return root;
    this.#root = root;
    const status = root.acquire(permit);
    return status === 0 ? new OverlayDirectory(root, root) : status;
  }

  /** @returns the root of the lower volume, which the caller closes */
  openLower(permit: Permit): VolumeDirectory | ErrorCode {
    return this.#closed ? ErrorCode.badDescriptor : this.#context.lower.openRoot(permit);
  }

  /** @returns the root of the layer that holds the changes, markers included; the caller closes it */
  openUpper(permit: Permit): VolumeDirectory | ErrorCode {
    return this.#closed ? ErrorCode.badDescriptor : this.#context.upper.openRoot(permit);
  }

  /**
   * What the guest changed so far.
   *
   * @throws VolumeError BW_VOLUME_READ
   */
  changes(permit: Permit): OverlayChange[] {
    const opened: VolumeDirectory[] = [];
    const take = (root: VolumeDirectory | ErrorCode): VolumeDirectory => {
      if (typeof root === 'number') throw volumeError('BW_VOLUME_READ', '', root);
      opened.push(root);
      return root;
    };
    try {
      const now = take(this.openRoot(permit));
      const before = take(this.openLower(permit));
      return compareLayers({ now, before, upper: take(this.openUpper(permit)) }, permit);
    } finally {
      for (const root of opened) root.close();
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#root = undefined;
    this.#context.lower.close();
    this.#context.upper.close();
  }

  #openLayers(permit: Permit): OverlayNode | ErrorCode {
    const upper = this.#context.upper.openRoot(permit);
    if (typeof upper === 'number') return upper;
    const lower = this.#context.lower.openRoot(permit);
    const stat = emptyStat();
    let status = typeof lower === 'number' ? lower : upper.stat(permit, stat);
    if (typeof lower === 'number' || status !== 0) {
      upper.close();
      if (typeof lower !== 'number') lower.close();
      return status as ErrorCode;
    }
    const place = { parent: undefined, name: '' };
    const number = this.#context.numberOf(true, stat.inode);
    const root = new OverlayNode(this.#context, place, { upper, lower }, number);
    status = root.readMarkers(permit);
    if (status === 0) status = takeTimes(root, permit);
    if (status === 0) return root;
    root.release();
    return status;
  }
}

/** The root of an empty upper layer was made for it, and is to the guest the root of the lower one. */
function takeTimes({ upper, lower }: OverlayNode, permit: Permit): Status {
  const entries = upper?.entries(permit) ?? [];
  if (typeof entries === 'number') return entries;
  const stat = emptyStat();
  if (entries.length > 0 || lower?.stat(permit, stat) !== 0) return 0;
  // Times before 1970 cannot be set on every volume.
  upper?.setTimes(permit, stat.accessed, stat.modified);
  return 0;
}
