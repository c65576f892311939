import type { Permit } from '../../kernel/permit.ts';
import { ImageBuilder, type ImageBuilderOptions } from './image-builder.ts';
import { imageError } from './image-error.ts';
import type { Image, ImageFile } from './image.ts';
import { readTree, type TreeNode } from './read-tree.ts';
import { FileType, type Stat, type VolumeDirectory, type VolumeFile } from './volume.ts';

/** What to do with devices, FIFOs and sockets, which no volume has. */
export type SpecialFiles = 'refuse' | 'skip';

export interface ImageOfTreeOptions extends ImageBuilderOptions {
  /** `refuse` when absent. */
  readonly specialFiles?: SpecialFiles | undefined;
}

/**
 * Copies everything below a directory into an image: symlinks as they stand, hard links as such, the times of the last
 * change. Yields after each member, so that a caller can let others run in between; the image is what it returns.
 *
 * @throws VolumeError BW_VOLUME_READ
 * @throws BindingError BW_IMAGE_TOO_LARGE, before a file that is too large is read; BW_IMAGE_UNSUPPORTED, BW_IMAGE_NAME
 */
export function* copyTree(
  directory: VolumeDirectory,
  permit: Permit,
  stat: Stat,
  { specialFiles, ...options }: ImageOfTreeOptions = {},
): Generator<void, Image, undefined> {
  const builder = new ImageBuilder(options);
  const linked = new Map<bigint, ImageFile>();
  if (directory.stat(permit, stat) === 0) builder.addDirectory('.', stat.modified);
  for (const node of readTree(directory, permit)) {
    if (node.file !== undefined) addFile(builder, node, node.file, permit, linked);
    else if (node.target !== undefined) builder.addSymlink(node.path, node.target, node.stat.modified);
    else if (node.stat.type === FileType.directory) builder.addDirectory(node.path, node.stat.modified);
    else if (specialFiles !== 'skip') throw specialFile(node.path);
    yield;
  }
  return builder.finish();
}

/** {@link copyTree} in one go. */
export function imageOfTree(
  directory: VolumeDirectory,
  permit: Permit,
  stat: Stat,
  options: ImageOfTreeOptions = {},
): Image {
  const copying = copyTree(directory, permit, stat, options);
  let step = copying.next();
  while (step.done !== true) step = copying.next();
  return step.value;
}

/** The refusal of a device, FIFO or socket. */
export function specialFile(member: string): Error {
  const message = 'is a device, FIFO or socket, which an image does not hold';
  return imageError('UNSUPPORTED', member, message, 'leave it out, or give specialFiles: "skip"');
}

function addFile(
  builder: ImageBuilder,
  { path, stat }: TreeNode,
  file: VolumeFile,
  permit: Permit,
  linked: Map<bigint, ImageFile>,
): void {
  const known = stat.linkCount > 1 ? linked.get(stat.inode) : undefined;
  if (known !== undefined) {
    builder.addName(path, known);
    return;
  }
  builder.room(path, stat.size);
  const added = builder.addFile(path, contentOf(file, permit, stat.size, path), stat.modified);
  if (stat.linkCount > 1) linked.set(stat.inode, added);
}

/** Reads up to the size that was told; a file that has become shorter ends where it ends. */
function contentOf(file: VolumeFile, permit: Permit, size: number, path: string): Uint8Array {
  const bytes = Buffer.alloc(size);
  let length = 0;
  while (length < size) {
    const count = file.read(permit, bytes, length, size - length, length);
    if (count < 0) throw imageError('READ', path, 'cannot be read');
    if (count === 0) break;
    length += count;
  }
  return bytes.subarray(0, length);
}
