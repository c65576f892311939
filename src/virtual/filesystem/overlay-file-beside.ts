import type { Permit } from '../../kernel/permit.ts';
import type { Status } from '../error-code.ts';
import type { OffThread, VolumeFile } from './volume.ts';

/** A file that may have to be copied up before it is written to. */
export interface LayeredFile extends VolumeFile {
  readonly current: VolumeFile;
  raise(permit: Permit): Status;
}

/**
 * Reads and writes of an overlay's file beside the thread, where the layer has them. A file is copied up on the
 * thread, so that nothing happens to its layers meanwhile.
 */
export class OverlayFileBeside implements OffThread {
  readonly #file: LayeredFile;
  /** Reads under way; `#retired` is closed after the last one. */
  #reads = 0;
  #retired: VolumeFile | undefined;

  constructor(file: LayeredFile) {
    this.#file = file;
  }

  get threshold(): number {
    return this.#file.current.offThread?.threshold ?? Infinity;
  }

  async read(
    permit: Permit,
    target: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<number> {
    const { current } = this.#file;
    const { offThread } = current;
    if (offThread === undefined) return current.read(permit, target, offset, length, position);
    this.#reads++;
    const count = await offThread.read(permit, target, offset, length, position);
    this.#reads--;
    if (this.#reads === 0) {
      this.#retired?.close();
      this.#retired = undefined;
    }
    return count;
  }

  async write(
    permit: Permit,
    source: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<number> {
    const status = length === 0 ? 0 : this.#file.raise(permit);
    if (status !== 0) return -status;
    const { current } = this.#file;
    return current.offThread === undefined
      ? current.write(permit, source, offset, length, position)
      : current.offThread.write(permit, source, offset, length, position);
  }

  async append(permit: Permit, source: Uint8Array, offset: number, length: number): Promise<number> {
    const status = length === 0 ? 0 : this.#file.raise(permit);
    if (status !== 0) return -status;
    const { current } = this.#file;
    return current.offThread === undefined
      ? current.append(permit, source, offset, length)
      : current.offThread.append(permit, source, offset, length);
  }

  /** Closes the original of a copy once nobody reads it any more. */
  retire(file: VolumeFile): void {
    if (this.#reads === 0) file.close();
    else this.#retired = file;
  }
}
