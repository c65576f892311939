import type { Descriptor } from './descriptor.ts';
import type { Filesystem } from './filesystem.ts';

/**
 * Counts the streams of each descriptor. A stream outlives the handle that it was made from, so a descriptor closes
 * when the last of both is dropped.
 */
export class FileStreams {
  readonly #filesystem: Filesystem;
  readonly #open = new Map<Descriptor, number>();
  readonly #dropped = new Set<Descriptor>();

  constructor(filesystem: Filesystem) {
    this.#filesystem = filesystem;
  }

  opened(descriptor: Descriptor): void {
    this.#open.set(descriptor, (this.#open.get(descriptor) ?? 0) + 1);
  }

  closed(descriptor: Descriptor): void {
    const left = (this.#open.get(descriptor) ?? 1) - 1;
    if (left > 0) {
      this.#open.set(descriptor, left);
      return;
    }
    this.#open.delete(descriptor);
    if (this.#dropped.delete(descriptor)) this.#filesystem.close(descriptor);
  }

  /** The guest dropped its handle of the descriptor. */
  dropDescriptor(descriptor: Descriptor): void {
    if (this.#open.size > 0 && this.#open.has(descriptor)) this.#dropped.add(descriptor);
    else this.#filesystem.close(descriptor);
  }
}
