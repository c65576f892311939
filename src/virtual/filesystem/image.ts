import type { FileContent } from '../../policy/index.ts';
import { FileType } from './volume.ts';

/** A regular file of an image. Its bytes are shared by everybody who reads it; nobody may write to them. */
export interface ImageFile {
  readonly type: typeof FileType.regularFile;
  readonly bytes: Uint8Array;
  /** Nanoseconds since the Unix epoch. */
  readonly modified: bigint;
  /** Names that the file has; 1 when absent. */
  readonly links?: number;
}

export interface ImageSymlink {
  readonly type: typeof FileType.symbolicLink;
  readonly target: string;
  readonly modified: bigint;
}

export interface ImageDirectory {
  readonly type: typeof FileType.directory;
  /** In the order of names. Two names with one {@link ImageFile} are hard links. */
  readonly children: ReadonlyMap<string, ImageNode>;
  readonly modified: bigint;
}

export type ImageNode = ImageFile | ImageSymlink | ImageDirectory;

/** A read-only tree of files in memory that any number of instances share: an archive, or a copy of a directory. */
export interface Image {
  readonly root: ImageDirectory;
  /** Bytes of all files. */
  readonly bytes: number;
  /** Names in it: files, directories without the root, symlinks. */
  readonly files: number;
  /** Directories among them. */
  readonly directories: number;
}

/** A directory of an image that is being made. */
interface GrowingDirectory extends ImageDirectory {
  readonly children: Map<string, ImageNode>;
}

/** Makes an image of the `files` of a policy, which has checked them: paths are relative and none lies below a file. */
export function imageOfFiles(files: Readonly<Record<string, FileContent>>): Image {
  const root = newDirectory();
  const count = { bytes: 0, files: 0, directories: 0 };
  for (const path of Object.keys(files).toSorted()) {
    const names = path.split('/');
    const name = names.pop() as string;
    const parent = names.reduce((directory, each) => enter(directory, each, count), root);
    const node = nodeOf(files[path] as FileContent);
    if (node === undefined) {
      enter(parent, name, count);
      continue;
    }
    parent.children.set(name, node);
    count.files++;
    if (node.type === FileType.regularFile) count.bytes += node.bytes.length;
  }
  return { root, ...count };
}

function enter(
  directory: GrowingDirectory,
  name: string,
  count: { files: number; directories: number },
): GrowingDirectory {
  const known = directory.children.get(name);
  if (known !== undefined) return known as GrowingDirectory;
  const made = newDirectory();
  directory.children.set(name, made);
  count.files++;
  count.directories++;
  return made;
}

function newDirectory(): GrowingDirectory {
  return { type: FileType.directory, children: new Map(), modified: 0n };
}

/** @returns undefined for a directory */
function nodeOf(content: FileContent): ImageNode | undefined {
  if (content === null) return undefined;
  if (typeof content === 'string') return newFile(Buffer.from(content));
  if ('symlink' in content) return { type: FileType.symbolicLink, target: content.symlink, modified: 0n };
  return newFile(Buffer.from(content.base64, 'base64'));
}

function newFile(bytes: Uint8Array): ImageFile {
  return { type: FileType.regularFile, bytes, modified: 0n };
}
