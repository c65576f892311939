import type { FileType } from './volume.ts';

interface ImageNodeBase {
  /** Counted up within the image, from 1, the root's; two names of one node are hard links. */
  readonly inode: bigint;
  /** Names that it has. */
  readonly links: number;
  /** Nanoseconds since the Unix epoch. */
  readonly modified: bigint;
}

/** A regular file of an image. Its bytes are shared by everybody who reads it; nobody may write to them. */
export interface ImageFile extends ImageNodeBase {
  readonly type: typeof FileType.regularFile;
  readonly bytes: Uint8Array;
}

export interface ImageSymlink extends ImageNodeBase {
  readonly type: typeof FileType.symbolicLink;
  readonly target: string;
}

export interface ImageDirectory extends ImageNodeBase {
  readonly type: typeof FileType.directory;
  readonly children: ReadonlyMap<string, ImageNode>;
  /** How many of the children are directories. */
  readonly subdirectories: number;
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
  /** The highest inode number in it. */
  readonly lastInode: number;
}

/** What an image may hold. */
export interface ImageLimits {
  /** Of all files together. */
  readonly bytes: number;
  /** Names. */
  readonly entries: number;
  /** Directories within each other. */
  readonly depth: number;
}

export const DEFAULT_IMAGE_LIMITS: ImageLimits = { bytes: 2 ** 30, entries: 1_000_000, depth: 128 };
