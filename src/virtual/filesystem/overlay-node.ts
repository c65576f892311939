import type { Permit } from '../../kernel/permit.ts';
import { ErrorCode, type Status } from '../error-code.ts';
import type { OverlayContext } from './overlay-context.ts';
import { hiddenBy, isReserved, isTemporary, OPAQUE } from './overlay-names.ts';
import { type DirectoryEntry, emptyStat, FileType, type Stat, type VolumeDirectory } from './volume.ts';

/** The directory of each layer; at least one is there. */
export interface Layers {
  readonly upper: VolumeDirectory | undefined;
  readonly lower: VolumeDirectory | undefined;
}

/**
 * A directory of an overlay: one object for all who have it open, so that it stays right for them when its upper
 * directory appears, moves or goes. It knows its markers, because nobody but the overlay writes to the upper layer.
 *
 * The layers' directories are open while somebody uses it; then they can be opened again by name, since in the lower
 * layer it lies where it lies here: what is renamed has no lower directory any more.
 */
export class OverlayNode {
  readonly context: OverlayContext;
  /** The inode number. */
  readonly number: bigint;
  parent: OverlayNode | undefined;
  name: string;
  readonly children: Map<string, OverlayNode> = new Map();
  /** Names of the lower layer that are gone. */
  readonly whiteouts: Set<string> = new Set();
  /** Has the marker that nothing of the lower layer is in it. */
  opaque = false;
  hasUpper: boolean;
  hasLower: boolean;
  upper: VolumeDirectory | undefined;
  lower: VolumeDirectory | undefined;
  /** Nothing can be found or made in it any more. */
  removed = false;
  #users = 1;
  #subdirectories = -1;

  /** In use. Takes the layers' directories over. */
  constructor(
    context: OverlayContext,
    place: { readonly parent: OverlayNode | undefined; readonly name: string },
    layers: Layers,
    number: bigint,
  ) {
    this.context = context;
    this.parent = place.parent;
    this.name = place.name;
    this.upper = layers.upper;
    this.lower = layers.lower;
    this.hasUpper = layers.upper !== undefined;
    this.hasLower = layers.lower !== undefined;
    this.number = number;
  }

  get inUse(): boolean {
    return this.#users > 0;
  }

  /** Opens the layers' directories for one more user, who releases it. */
  acquire(permit: Permit): Status {
    if (this.#users > 0) {
      this.#users++;
      return 0;
    }
    const closed: OverlayNode[] = [this];
    for (let above = this.parent; above !== undefined && above.#users === 0; above = above.parent)
      closed.push(above);
    let status: Status = 0;
    for (let i = closed.length - 1; i >= 0 && status === 0; i--)
      status = (closed[i] as OverlayNode).#open(permit);
    // Those in between were open only to lead here.
    for (const node of closed) if (status !== 0 || node !== this) node.#close();
    if (status === 0) this.#users++;
    return status;
  }

  release(): void {
    if (--this.#users === 0) this.#close();
  }

  /** @returns the layer's directory in which the name lies, with its stat there; `noEntry` when there is none */
  layerOf(permit: Permit, name: string, out: Stat): VolumeDirectory | ErrorCode {
    if (this.removed || isReserved(name)) return ErrorCode.noEntry;
    if (this.upper !== undefined) {
      const status = this.upper.statAt(permit, name, out);
      if (status !== ErrorCode.noEntry) return status === 0 ? this.upper : status;
    }
    const lower = this.lowerOf(name);
    if (lower === undefined) return ErrorCode.noEntry;
    const status = lower.statAt(permit, name, out);
    return status === 0 ? lower : status;
  }

  /** @returns the lower directory if the name shows through it, unless the upper one has it. */
  lowerOf(name: string): VolumeDirectory | undefined {
    return this.removed || isReserved(name) || this.whiteouts.has(name) ? undefined : this.lower;
  }

  /** @returns the directory of that name, which the caller releases */
  openChild(permit: Permit, name: string): OverlayNode | ErrorCode {
    if (this.removed || isReserved(name)) return ErrorCode.noEntry;
    const known = this.children.get(name);
    if (known !== undefined) {
      const status = known.acquire(permit);
      return status === 0 ? known : status;
    }
    const upper = this.upper?.openDirectory(permit, name) ?? ErrorCode.noEntry;
    if (typeof upper === 'number') {
      if (upper !== ErrorCode.noEntry) return upper;
      const lower = this.lowerOf(name)?.openDirectory(permit, name) ?? ErrorCode.noEntry;
      return typeof lower === 'number' ? lower : this.#adopt(permit, name, { upper: undefined, lower });
    }
    return this.#openUpperChild(permit, name, upper);
  }

  /** All names, in the order of their code units where two layers make it up. */
  entries(permit: Permit): DirectoryEntry[] | ErrorCode {
    const found: DirectoryEntry[] = [];
    if (this.removed) return found;
    const upper = this.upper?.entries(permit) ?? [];
    if (typeof upper === 'number') return upper;
    for (const entry of upper) if (!isReserved(entry.name)) found.push(this.#placed(true, entry));
    if (this.lower === undefined) return found;
    const lower = this.lower.entries(permit);
    if (typeof lower === 'number') return lower;
    const covered = new Set(this.whiteouts);
    for (const { name } of found) covered.add(name);
    for (const entry of lower) {
      if (!covered.has(entry.name) && !isReserved(entry.name)) found.push(this.#placed(false, entry));
    }
    return found.toSorted(byName);
  }

  stat(permit: Permit, out: Stat): Status {
    const merged = this.upper !== undefined && this.lower !== undefined && !this.removed;
    // Before the times are looked at: to list a directory of the host is an access.
    const count = merged ? this.#countSubdirectories(permit) : -1;
    const status = topOf(this).stat(permit, out);
    if (status !== 0) return status;
    out.inode = this.number;
    if (this.removed) out.linkCount = 0;
    else if (count >= 0) out.linkCount = 2 + count;
    return 0;
  }

  /** A directory in it came or went. */
  subdirectoriesChanged(): void {
    this.#subdirectories = -1;
  }

  /** Nothing of the lower layer shows through any more. */
  dropLower(): void {
    this.hasLower = false;
    this.lower?.close();
    this.lower = undefined;
  }

  #open(permit: Permit): Status {
    // A node without users and without parent is a removed one, whose last user is gone.
    const { parent } = this;
    if (parent === undefined) return ErrorCode.badDescriptor;
    const upper = this.hasUpper ? parent.upper?.openDirectory(permit, this.name) : undefined;
    if (typeof upper === 'number') return upper;
    this.upper = upper;
    const lower = this.hasLower ? parent.lower?.openDirectory(permit, this.name) : undefined;
    if (typeof lower === 'number') return lower;
    this.lower = lower;
    return 0;
  }

  #close(): void {
    this.upper?.close();
    this.lower?.close();
    this.upper = this.lower = undefined;
  }

  #openUpperChild(permit: Permit, name: string, upper: VolumeDirectory): OverlayNode | ErrorCode {
    // A directory next to the whiteout of its name has taken the place of what the whiteout hides.
    let lower = this.lowerOf(name)?.openDirectory(permit, name);
    if (lower === ErrorCode.noEntry || lower === ErrorCode.notDirectory || lower === ErrorCode.loop)
      lower = undefined;
    if (typeof lower === 'number') {
      upper.close();
      return lower;
    }
    const node = this.#adopt(permit, name, { upper, lower });
    if (typeof node === 'number') return node;
    const status = node.readMarkers(permit);
    if (status === 0) return node;
    this.children.delete(name);
    node.release();
    return status;
  }

  #adopt(permit: Permit, name: string, layers: Layers): OverlayNode | ErrorCode {
    const stat = emptyStat();
    const status = topOf(layers).stat(permit, stat);
    if (status !== 0) {
      layers.upper?.close();
      layers.lower?.close();
      return status;
    }
    const number = this.context.numberOf(layers.upper !== undefined, stat.inode);
    const node = new OverlayNode(this.context, { parent: this, name }, layers, number);
    this.children.set(name, node);
    return node;
  }

  /** Learns what the upper directory hides, and clears away what a crash has left there half done. */
  readMarkers(permit: Permit): Status {
    const { upper } = this;
    if (upper === undefined) return 0;
    const entries = upper.entries(permit);
    if (typeof entries === 'number') return entries;
    for (const { name } of entries) {
      const hidden = hiddenBy(name);
      if (hidden !== undefined) this.whiteouts.add(hidden);
      else if (name === OPAQUE) this.opaque = true;
      else if (isTemporary(name)) upper.unlinkFile(permit, name);
    }
    if (this.opaque) this.dropLower();
    return 0;
  }

  #placed(inUpper: boolean, { name, type, inode }: DirectoryEntry): DirectoryEntry {
    return { name, type, inode: this.context.numberOf(inUpper, inode) };
  }

  #countSubdirectories(permit: Permit): number {
    if (this.#subdirectories < 0) {
      const entries = this.entries(permit);
      if (typeof entries === 'number') return -1;
      this.#subdirectories = entries.filter(({ type }) => type === FileType.directory).length;
    }
    return this.#subdirectories;
  }
}

function topOf({ upper, lower }: Layers): VolumeDirectory {
  return (upper ?? lower) as VolumeDirectory;
}

function byName(a: DirectoryEntry, b: DirectoryEntry): number {
  return a.name < b.name ? -1 : 1;
}
