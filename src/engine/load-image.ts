import { nodeMachine } from '../ambient/machine.ts';
import type { Image, ImageLimits } from '../virtual/filesystem/image.ts';

/** How {@link loadImage} reads. */
export interface LoadImageOptions {
  /** What the image may hold: 1 GiB in 1,000,000 names, 128 directories deep, where nothing else is said. */
  readonly limits?: Partial<ImageLimits>;
  /** What becomes of devices, FIFOs and sockets, which no image holds. `refuse` by default. */
  readonly specialFiles?: 'refuse' | 'skip';
}

/**
 * Reads files into an image: a read-only tree in memory that any number of instances share, by themselves or as the base
 * of what they change.
 *
 * - A directory is copied. Symlinks stay symlinks and are not followed, hard links stay hard links.
 * - An archive is a tar (ustar, pax, GNU), a tar.gz or a zip, which its first bytes tell. It is unpacked in memory only.
 *   Members are relative, with or without `./`; of several with one name the last one stays. A name that leads out, is
 *   absolute, or lies below a file or a symlink is refused.
 *
 * @param source path or `file:` URL of a directory or an archive, or the bytes of an archive, which are copied
 * @throws BindingError `BW_IMAGE_FORMAT` not an archive; `BW_IMAGE_BROKEN` cut off or contradicting itself;
 *   `BW_IMAGE_NAME`, `BW_IMAGE_CONFLICT` members that cannot be; `BW_IMAGE_TOO_LARGE` more than the limits;
 *   `BW_IMAGE_UNSUPPORTED` encrypted, sparse, a device, an unknown method; `BW_IMAGE_READ` the source cannot be read;
 *   `BW_BINDING_UNSUPPORTED` a directory on a system other than Linux with /proc
 * @throws VolumeError `BW_VOLUME_READ` a file of a directory cannot be read
 */
export async function loadImage(
  source: string | URL | Uint8Array,
  options: LoadImageOptions = {},
): Promise<Image> {
  return nodeMachine.loadImage(source, options);
}
