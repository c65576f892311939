import type { Permit } from '../../kernel/permit.ts';
import type { Status } from '../error-code.ts';
import type { OpenLowerFile, OverlayContext } from './overlay-context.ts';
import { copyNameless, copyUp, publish } from './overlay-copy.ts';
import { OverlayFileBeside } from './overlay-file-beside.ts';
import type { OverlayNode } from './overlay-node.ts';
import { raise } from './overlay-raise.ts';
import { asWhole, isFailure } from './overlay-undo.ts';
import {
  emptyStat,
  type NewTimestamp,
  type OffThread,
  OpenMode,
  type Stat,
  type VolumeDirectory,
  type VolumeFile,
} from './volume.ts';

/** Where a file of the lower layer was opened. */
export interface LowerPlace {
  readonly root: OverlayNode;
  readonly node: OverlayNode;
  readonly name: string;
}

/** An open file of an overlay: of the upper layer, or of the lower one until somebody changes it. */
export class OverlayFile implements VolumeFile, OpenLowerFile {
  readonly #context: OverlayContext;
  readonly #mode: number;
  readonly #beside: OverlayFileBeside;
  #file: VolumeFile;
  /** Undefined once it is of the upper layer. */
  #place: LowerPlace | undefined;
  /** In the lower layer. */
  #inode = 0n;
  #named = true;
  /** The copy, open, before it takes the place of the original. */
  #next: VolumeFile | undefined;

  /**
   * @param file taken over
   * @param place of a file of the lower layer, which `admit` makes known
   */
  constructor(context: OverlayContext, file: VolumeFile, mode: number, place?: LowerPlace) {
    this.#context = context;
    this.#file = file;
    this.#mode = mode;
    this.#place = place;
    this.#beside = new OverlayFileBeside(this);
  }

  /** Makes a file of the lower layer known, so that it follows when it is copied up, by whomever. */
  admit(permit: Permit): Status {
    const stat = emptyStat();
    const status = this.#file.stat(permit, stat);
    if (status !== 0) return status;
    this.#inode = stat.inode;
    const { opens } = this.#context;
    const known = opens.get(stat.inode);
    if (known === undefined) opens.set(stat.inode, new Set([this]));
    else known.add(this);
    return 0;
  }

  /** Of the layer that it is in. */
  get current(): VolumeFile {
    return this.#file;
  }

  get offThread(): OffThread | undefined {
    return this.#file.offThread === undefined ? undefined : this.#beside;
  }

  read(permit: Permit, target: Uint8Array, offset: number, length: number, position: number): number {
    return this.#file.read(permit, target, offset, length, position);
  }

  write(permit: Permit, source: Uint8Array, offset: number, length: number, position: number): number {
    if (length === 0) return 0;
    const status = this.raise(permit);
    return status === 0 ? this.#file.write(permit, source, offset, length, position) : -status;
  }

  append(permit: Permit, source: Uint8Array, offset: number, length: number): number {
    if (length === 0) return 0;
    const status = this.raise(permit);
    return status === 0 ? this.#file.append(permit, source, offset, length) : -status;
  }

  stat(permit: Permit, out: Stat): Status {
    const status = this.#file.stat(permit, out);
    if (status === 0) this.#context.place(this.#place === undefined, out);
    return status;
  }

  setSize(permit: Permit, size: number): Status {
    const status = this.raise(permit, size === 0);
    return status === 0 ? this.#file.setSize(permit, size) : status;
  }

  setTimes(permit: Permit, accessed: NewTimestamp, modified: NewTimestamp): Status {
    const status = this.raise(permit);
    return status === 0 ? this.#file.setTimes(permit, accessed, modified) : status;
  }

  sync(permit: Permit, dataOnly: boolean): Status {
    return this.#place === undefined ? this.#file.sync(permit, dataOnly) : 0;
  }

  close(): void {
    this.#forget();
    this.#file.close();
  }

  /** Copies the file up if it is of the lower layer. @param empty when its content is not needed */
  raise(permit: Permit, empty = false): Status {
    if (this.#place === undefined) return 0;
    const named = this.#namedPlace();
    if (named === undefined) return copyNameless(this.#place.root, this.#file, permit, empty);
    const { node, name } = named;
    const status = node.acquire(permit);
    if (status !== 0) return status;
    const result = asWhole((undo): Status => {
      const raised = raise(node, permit, undo);
      if (raised !== 0) return raised;
      const copy = copyUp(node, name, permit, undo, empty);
      return typeof copy === 'number' ? copy : publish(copy, permit);
    }, isFailure);
    node.release();
    return result;
  }

  prepareSwitch(permit: Permit, directory: VolumeDirectory, temporary: string): Status {
    const mode = this.#mode & (OpenMode.read | OpenMode.write);
    const file = directory.openFile(permit, temporary, mode === 0 ? OpenMode.read : mode);
    if (typeof file === 'number') return file;
    this.#next = file;
    return 0;
  }

  commit(): void {
    this.#beside.retire(this.#file);
    this.#forget();
    this.#file = this.#next ?? this.#file;
    this.#next = undefined;
    this.#place = undefined;
  }

  cancel(): void {
    this.#next?.close();
    this.#next = undefined;
  }

  forgetName(directory: object, name: string): void {
    if (this.#place?.node === directory && this.#place.name === name) this.#named = false;
  }

  /** A name that the file still has: its own, or that of another who has it open. */
  #namedPlace(): LowerPlace | undefined {
    for (const file of this.#context.opens.get(this.#inode) ?? []) {
      if (file instanceof OverlayFile && file.#named) return file.#place;
    }
    return undefined;
  }

  #forget(): void {
    if (this.#place === undefined) return;
    const known = this.#context.opens.get(this.#inode);
    known?.delete(this);
    if (known?.size === 0) this.#context.opens.delete(this.#inode);
  }
}
