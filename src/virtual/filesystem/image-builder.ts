import type { BindingError } from '../../errors.ts';
import {
  DEFAULT_IMAGE_LIMITS,
  type Image,
  type ImageDirectory,
  type ImageFile,
  type ImageLimits,
  type ImageNode,
  type ImageSymlink,
} from './image.ts';
import { imageError } from './image-error.ts';
import { exceedsBytes, isName, MAX_PATH_BYTES } from './path.ts';
import { FileType } from './volume.ts';

type Building<Node> = { -readonly [Key in keyof Node]: Node[Key] };
type BuildingDirectory = Omit<Building<ImageDirectory>, 'children'> & {
  readonly children: Map<string, ImageNode>;
};

export interface ImageBuilderOptions {
  readonly limits?: Partial<ImageLimits> | undefined;
  /** Of directories that only the names below them tell of. Nanoseconds since the Unix epoch; 0 when absent. */
  readonly modified?: bigint | undefined;
}

/**
 * Puts an image together, member by member, and refuses what cannot be in one. Names are those of an archive: relative,
 * with or without `./` in front, a directory's with or without a slash at the end.
 *
 * Of several members with one name the last one stays, as tar says; a name that is a directory and something else is
 * refused, and so is whatever would lie below a file or a symlink.
 */
export class ImageBuilder {
  readonly limits: ImageLimits;
  readonly #modified: bigint;
  readonly #root: BuildingDirectory;
  #bytes = 0;
  #entries = 0;

  constructor({ limits = {}, modified = 0n }: ImageBuilderOptions = {}) {
    const { bytes, entries, depth } = { ...DEFAULT_IMAGE_LIMITS, ...limits };
    this.limits = { bytes, entries, depth };
    this.#modified = modified;
    this.#root = directoryNode(modified);
  }

  /** @throws BindingError BW_IMAGE_… like all that follow */
  addDirectory(path: string, modified: bigint): void {
    const names = this.#names(path);
    this.#directory(names, names.length, path).modified = modified;
  }

  /** @param bytes taken as they are, not copied: nobody may write to them from now on */
  addFile(path: string, bytes: Uint8Array, modified: bigint): ImageFile {
    this.room(path, bytes.length);
    this.#bytes += bytes.length;
    const file: ImageFile = { type: FileType.regularFile, bytes, modified, inode: 0n, links: 0 };
    this.#put(path, file);
    return file;
  }

  addSymlink(path: string, target: string, modified: bigint): void {
    if (target === '' || target.includes('\0') || exceedsBytes(target, MAX_PATH_BYTES - 1))
      throw imageError('NAME', path, 'is a symlink to an impossible path');
    const node: ImageSymlink = { type: FileType.symbolicLink, target, modified, inode: 0n, links: 0 };
    this.#put(path, node);
  }

  /** Another name of the file that a member before was. */
  addLink(path: string, target: string): void {
    const node = this.#find(this.#names(target, path));
    if (node === undefined) throw imageError('BROKEN', path, 'is a hard link to a member that is not there');
    if (node.type === FileType.directory) throw imageError('CONFLICT', path, 'is a hard link to a directory');
    this.#put(path, node);
  }

  /** Another name of a file of this builder. */
  addName(path: string, file: ImageFile): void {
    this.#put(path, file);
  }

  /** Throws unless that many more bytes may be in the image: before they are read or unpacked. */
  room(member: string, bytes: number): void {
    if (this.#bytes + bytes > this.limits.bytes) throw this.tooLarge(member, 'bytes');
  }

  /** Numbers the nodes and counts. The builder is used up. */
  finish(): Image {
    const found = { bytes: 0, files: 0, directories: 0 };
    let lastInode = 0;
    const stack: BuildingDirectory[] = [this.#root];
    this.#root.links = 1;
    this.#root.inode = BigInt(++lastInode);
    for (let directory = stack.pop(); directory !== undefined; directory = stack.pop()) {
      for (const child of directory.children.values()) {
        const node = child as Building<ImageNode>;
        found.files++;
        if (++node.links > 1) continue;
        node.inode = BigInt(++lastInode);
        if (node.type === FileType.regularFile) found.bytes += node.bytes.length;
        if (node.type !== FileType.directory) continue;
        found.directories++;
        directory.subdirectories++;
        stack.push(child as BuildingDirectory);
      }
    }
    return { root: this.#root, ...found, lastInode };
  }

  #put(path: string, node: ImageFile | ImageSymlink): void {
    const names = this.#names(path);
    const name = names.at(-1);
    if (name === undefined || path.endsWith('/'))
      throw imageError('NAME', path, 'is no file, but its name is a directory’s');
    const parent = this.#directory(names, names.length - 1, path);
    const old = parent.children.get(name);
    if (old?.type === FileType.directory || (old !== undefined && old.type !== node.type))
      throw conflict(path);
    if (old === undefined) this.#count(path);
    parent.children.set(name, node);
  }

  /** Goes down to a directory and makes what is missing on the way. */
  #directory(names: readonly string[], depth: number, path: string): BuildingDirectory {
    if (depth > this.limits.depth) throw this.tooLarge(path, 'depth');
    let directory = this.#root;
    for (let i = 0; i < depth; i++) {
      const name = names[i] as string;
      const child = directory.children.get(name);
      if (child === undefined) {
        this.#count(path);
        const made = directoryNode(this.#modified);
        directory.children.set(name, made);
        directory = made;
      } else if (child.type === FileType.directory) directory = child as BuildingDirectory;
      else throw conflict(path);
    }
    return directory;
  }

  #find(names: readonly string[]): ImageNode | undefined {
    let node: ImageNode | undefined = this.#root;
    for (const name of names) node = node?.type === FileType.directory ? node.children.get(name) : undefined;
    return node;
  }

  #count(path: string): void {
    if (++this.#entries > this.limits.entries) throw this.tooLarge(path, 'entries');
  }

  /** @returns the error for a member that is too much, by that bound */
  tooLarge(member: string, bound: keyof ImageLimits): BindingError {
    const message = `passes the limit of ${this.limits[bound]} ${bound === 'depth' ? 'levels' : bound}`;
    return imageError(
      'TOO_LARGE',
      member,
      message,
      `give loadImage a larger limits.${bound} if it is meant to be so`,
    );
  }

  /** @returns the components; none for the root */
  #names(path: string, member: string = path): string[] {
    if (exceedsBytes(path, MAX_PATH_BYTES)) throw imageError('NAME', member, 'has too long a path');
    const names = path.split('/');
    if (names.at(-1) === '' && names.length > 1) names.pop();
    const plain = names.filter((name) => name !== '.');
    for (const name of plain)
      if (name === '..' || !isName(name)) throw imageError('NAME', member, reasonAgainst(path, name));
    return plain;
  }
}

function directoryNode(modified: bigint): BuildingDirectory {
  return { type: FileType.directory, children: new Map(), subdirectories: 0, modified, inode: 0n, links: 0 };
}

function conflict(path: string): BindingError {
  return imageError(
    'CONFLICT',
    path,
    'cannot be there together with another member of that name or above it',
  );
}

function reasonAgainst(path: string, name: string): string {
  if (path.startsWith('/')) return 'has an absolute name';
  if (name === '..') return 'has a name that leads out';
  return name === '' ? 'has a name with an empty component' : 'has an impossible name';
}
