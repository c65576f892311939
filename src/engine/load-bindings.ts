import type { Image } from '../virtual/filesystem/image.ts';
import type { Machine } from '../virtual/machine.ts';
import type { ResolvedBindings } from './bindings.ts';
import type { BoundSource } from './compiled-policy.ts';

/** Bindings with everything in memory that has to be before an instance opens. */
export interface LoadedBindings extends Omit<ResolvedBindings, 'images'> {
  readonly images: ReadonlyMap<string, Image>;
  /** Copies of host directories that memory volumes start with, by what `host` says. */
  readonly copies: ReadonlyMap<string, Image>;
}

/**
 * Loads the images that were bound by a path, and copies the directories that memory volumes start with.
 *
 * @throws BindingError when one cannot be read
 */
export async function loadBindings(
  sources: readonly BoundSource[],
  bindings: ResolvedBindings,
  machine: Machine,
): Promise<LoadedBindings> {
  const images = new Map<string, Image>();
  for (const [name, image] of bindings.images)
    images.set(name, typeof image === 'string' ? await machine.loadImage(image, {}) : image);
  const copies = new Map<string, Image>();
  for (const { isCopied, name } of sources)
    if (isCopied && !copies.has(name))
      copies.set(name, await machine.loadImage(bindings.directories.get(name) as string, {}));
  return { ...bindings, images, copies };
}
