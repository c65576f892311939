import { BindingError } from '../errors.ts';
import type { Image } from '../virtual/filesystem/image.ts';
import type { Machine } from '../virtual/machine.ts';
import type { NetworkStack } from '../virtual/network/stack.ts';
import type { ResolvedBindings } from './bindings.ts';
import type { BoundSource } from './compiled-policy.ts';
import { ofRule } from './rule-error.ts';

/** Bindings with everything in memory that has to be before an instance opens. */
export interface LoadedBindings extends Omit<ResolvedBindings, 'images'> {
  readonly images: ReadonlyMap<string, Image>;
  /** Copies of host directories that memory volumes start with, by what `host` says. */
  readonly copies: ReadonlyMap<string, Image>;
  /** The machine's network, where the embedder says how it is reached: what is wrong with that is told before anything runs. */
  readonly stack: NetworkStack | undefined;
}

/**
 * Loads the images that were bound by a path, copies the directories that memory volumes start with, and opens the network
 * that the embedder describes.
 *
 * @throws BindingError that names the rule when one cannot be read, or what is wrong with the network
 */
export async function loadBindings(
  sources: readonly BoundSource[],
  bindings: ResolvedBindings,
  machine: Machine,
): Promise<LoadedBindings> {
  const images = new Map<string, Image>();
  const copies = new Map<string, Image>();
  for (const { kind, name, isCopied, rule } of sources) {
    if (kind === 'image' && !images.has(name)) {
      const image = bindings.images.get(name) as Image | string;
      images.set(name, typeof image === 'string' ? await forRule(rule, machine.loadImage(image, {})) : image);
    } else if (isCopied && !copies.has(name)) {
      const directory = bindings.directories.get(name) as string;
      copies.set(name, await forRule(rule, machine.copyDirectory(directory, {})));
    }
  }
  return { ...bindings, images, copies, stack: await openStack(bindings, machine) };
}

/** It holds nothing of the machine until it is used. */
async function openStack({ network }: ResolvedBindings, machine: Machine): Promise<NetworkStack | undefined> {
  if (Object.keys(network).length === 0) return undefined;
  return machine.openNetwork(network);
}

async function forRule(rule: string, image: Promise<Image>): Promise<Image> {
  try {
    return await image;
  } catch (error) {
    throw error instanceof BindingError ? ofRule(rule, error) : error;
  }
}
