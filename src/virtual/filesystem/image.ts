import type { FileType } from './volume.ts';

/** A regular file of an image. Its bytes are shared by everybody who reads it; nobody may write to them. */
export interface ImageFile {
  readonly type: typeof FileType.regularFile;
  readonly bytes: Uint8Array;
  /** Nanoseconds since the Unix epoch. */
  readonly modified: bigint;
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
