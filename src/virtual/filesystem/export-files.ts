import type { Permit } from '../../kernel/permit.ts';
import type { ImageContent, ImageFiles } from './image-files.ts';
import type { ImageDirectory, ImageFile, ImageLimits, ImageNode } from './image.ts';
import { imageOfTree } from './image-tree.ts';
import { emptyStat, FileType, type VolumeDirectory } from './volume.ts';

/**
 * Writes everything below a directory as the flat JSON tree that `imageOfFiles` reads: text where a file is UTF-8, else
 * base64. Times and hard links are not part of this form; a tar has them.
 *
 * @returns a null-prototype object: names are the program's
 * @throws VolumeError BW_VOLUME_READ
 * @throws BindingError BW_IMAGE_TOO_LARGE when it passes the limits, of which all have defaults
 */
export function exportFiles(
  directory: VolumeDirectory,
  permit: Permit,
  limits: Partial<ImageLimits> = {},
): ImageFiles {
  const files = Object.create(null) as Record<string, ImageContent>;
  const image = imageOfTree(directory, permit, emptyStat(), { limits, specialFiles: 'skip' });
  for (const [path, node] of nodesOf(image.root)) {
    if (node.type === FileType.regularFile) files[path] = contentOf(node);
    else if (node.type === FileType.symbolicLink) files[path] = { symlink: node.target };
    else if (node.children.size === 0) files[path] = null;
  }
  return files;
}

/** Every node below a directory with its path, a directory before what is in it. */
export function* nodesOf(root: ImageDirectory): Generator<[path: string, node: ImageNode], void, undefined> {
  const stack: [string, IterableIterator<[string, ImageNode]>][] = [['', root.children.entries()]];
  for (let level = stack.at(-1); level !== undefined; level = stack.at(-1)) {
    const [prefix, children] = level;
    const next = children.next();
    if (next.done === true) {
      stack.pop();
      continue;
    }
    const [name, node] = next.value;
    const path = prefix + name;
    yield [path, node];
    if (node.type === FileType.directory) stack.push([`${path}/`, node.children.entries()]);
  }
}

// A byte order mark is content like any other.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function contentOf({ bytes }: ImageFile): string | { base64: string } {
  try {
    return UTF8.decode(bytes);
  } catch {
    return { base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64') };
  }
}
