import { BindingError } from '../errors.ts';
import type { FilesystemRule, LayerSource, MemorySource } from '../policy/index.ts';
import type { Image } from '../virtual/filesystem/image.ts';
import { ImageVolume } from '../virtual/filesystem/image-volume.ts';
import { MemoryVolume } from '../virtual/filesystem/memory-volume.ts';
import { OverlayVolume } from '../virtual/filesystem/overlay-volume.ts';
import type { Quota } from '../virtual/filesystem/quota.ts';
import type { Volume } from '../virtual/filesystem/volume.ts';
import type { HostVolumeOptions, Machine } from '../virtual/machine.ts';
import type { LoadedBindings } from './load-bindings.ts';
import { ofRule } from './rule-error.ts';

/** What the volumes of one rule are made with. */
export interface VolumeContext {
  readonly machine: Machine;
  readonly bindings: LoadedBindings;
  readonly host: Omit<HostVolumeOptions, 'quota'>;
  /** The `files` of the rule's memory volume. */
  readonly files: Image | undefined;
  /** Of what the guest may write to; undefined: no bound. */
  readonly quota: Quota | undefined;
  /** Nanoseconds since the Unix epoch, by the clock that the guest may see. */
  readonly now: () => bigint;
  /** Gives the memory that the guest writes to, made when the rule's volume is opened first. */
  readonly keep: (make: () => MemoryVolume) => MemoryVolume;
}

/**
 * Opens the volume of a rule, all layers of it or none.
 *
 * @throws BindingError that names the rule when something of the embedder's cannot be used
 */
export function openVolume(rule: FilesystemRule, context: VolumeContext): Volume {
  try {
    const { overlay } = rule;
    return overlay === undefined ? openLayer(rule, context) : openOverlay(overlay, context);
  } catch (error) {
    throw error instanceof BindingError ? ofRule(rule.id, error) : error;
  }
}

function openOverlay(
  { lower, upper }: NonNullable<FilesystemRule['overlay']>,
  context: VolumeContext,
): Volume {
  // Nothing is ever written to the lower layer, so nothing there counts.
  const below = openLayer(lower, { ...context, quota: undefined, keep: (make) => make() });
  try {
    return new OverlayVolume({ lower: below, upper: openLayer(upper, context) });
  } catch (error) {
    below.close();
    throw error;
  }
}

function openLayer({ host, image, memory }: LayerSource, context: VolumeContext): Volume {
  const { machine, bindings, quota, now, keep } = context;
  if (host !== undefined)
    return machine.openHostVolume(bindings.directories.get(host) as string, { ...context.host, quota });
  if (image !== undefined) return new ImageVolume(bindings.images.get(image) as Image);
  return keep(() => new MemoryVolume({ quota, now, base: baseOf(memory, context) }));
}

function baseOf(memory: MemorySource | undefined, { bindings, files }: VolumeContext): Image | undefined {
  const from = memory?.from;
  if (from?.image !== undefined) return bindings.images.get(from.image);
  return from?.host === undefined ? files : bindings.copies.get(from.host);
}
