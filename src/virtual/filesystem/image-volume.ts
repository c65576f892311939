import { ErrorCode, type Status } from '../error-code.ts';
import type { Permit } from '../../kernel/permit.ts';
import type { Image, ImageDirectory, ImageFile } from './image.ts';
import { fillImageStat } from './image-stat.ts';
import {
  type DirectoryEntry,
  FileType,
  OpenMode,
  type Stat,
  type Volume,
  type VolumeDirectory,
  type VolumeFile,
} from './volume.ts';

/**
 * An image as it is: read-only, without copying or unpacking anything. Whatever would change it answers `readOnly`.
 * Any number of volumes share one image; one of them may serve any number of mounts.
 */
export class ImageVolume implements Volume {
  readonly quota = undefined;
  readonly #image: Image;

  constructor(image: Image) {
    this.#image = image;
  }

  openRoot(): VolumeDirectory {
    return new ImageVolumeDirectory(this.#image.root);
  }

  close(): void {}
}

const EXCLUSIVE_CREATE = OpenMode.create | OpenMode.exclusive;

class ImageVolumeDirectory implements VolumeDirectory {
  readonly #node: ImageDirectory;

  constructor(node: ImageDirectory) {
    this.#node = node;
  }

  openDescendant(_permit: Permit, path: string): VolumeDirectory | undefined {
    let node: ImageDirectory = this.#node;
    for (let start = 0; start < path.length;) {
      const slash = path.indexOf('/', start);
      const end = slash === -1 ? path.length : slash;
      const child = node.children.get(path.slice(start, end));
      if (child?.type !== FileType.directory) return undefined;
      node = child;
      start = end + 1;
    }
    return new ImageVolumeDirectory(node);
  }

  reopen(): VolumeDirectory {
    return this;
  }

  openDirectory(_permit: Permit, name: string): VolumeDirectory | ErrorCode {
    const node = this.#node.children.get(name);
    if (node === undefined) return ErrorCode.noEntry;
    if (node.type === FileType.directory) return new ImageVolumeDirectory(node);
    return node.type === FileType.symbolicLink ? ErrorCode.loop : ErrorCode.notDirectory;
  }

  openFile(_permit: Permit, name: string, mode: number): VolumeFile | ErrorCode {
    const node = this.#node.children.get(name);
    if (node === undefined) return (mode & OpenMode.create) === 0 ? ErrorCode.noEntry : ErrorCode.readOnly;
    if ((mode & EXCLUSIVE_CREATE) === EXCLUSIVE_CREATE) return ErrorCode.exist;
    if (node.type === FileType.directory) return ErrorCode.isDirectory;
    if (node.type === FileType.symbolicLink) return ErrorCode.loop;
    const changing = (mode & (OpenMode.write | OpenMode.truncate)) !== 0;
    return changing ? ErrorCode.readOnly : new ImageVolumeFile(node);
  }

  stat(_permit: Permit, out: Stat): Status {
    fillImageStat(this.#node, out);
    return 0;
  }

  statAt(_permit: Permit, name: string, out: Stat): Status {
    const node = this.#node.children.get(name);
    if (node === undefined) return ErrorCode.noEntry;
    fillImageStat(node, out);
    return 0;
  }

  readlink(_permit: Permit, name: string): string | ErrorCode {
    const node = this.#node.children.get(name);
    if (node === undefined) return ErrorCode.noEntry;
    return node.type === FileType.symbolicLink ? node.target : ErrorCode.invalid;
  }

  entries(): DirectoryEntry[] {
    const entries: DirectoryEntry[] = [];
    for (const [name, { type, inode }] of this.#node.children) entries.push({ name, type, inode });
    return entries;
  }

  createDirectory(): Status {
    return ErrorCode.readOnly;
  }

  removeDirectory(): Status {
    return ErrorCode.readOnly;
  }

  unlinkFile(): Status {
    return ErrorCode.readOnly;
  }

  rename(): Status {
    return ErrorCode.readOnly;
  }

  link(): Status {
    return ErrorCode.readOnly;
  }

  symlink(): Status {
    return ErrorCode.readOnly;
  }

  setTimes(): Status {
    return ErrorCode.readOnly;
  }

  setTimesAt(): Status {
    return ErrorCode.readOnly;
  }

  sync(): Status {
    return 0;
  }

  close(): void {}
}

class ImageVolumeFile implements VolumeFile {
  readonly offThread = undefined;
  readonly #node: ImageFile;
  readonly #bytes: Buffer;

  constructor(node: ImageFile) {
    this.#node = node;
    this.#bytes = Buffer.from(node.bytes.buffer, node.bytes.byteOffset, node.bytes.length);
  }

  read(_permit: Permit, target: Uint8Array, offset: number, length: number, position: number): number {
    const available = this.#bytes.length - position;
    if (available <= 0) return 0;
    const count = length < available ? length : available;
    return this.#bytes.copy(target, offset, position, position + count);
  }

  write(): number {
    return -ErrorCode.readOnly;
  }

  append(): number {
    return -ErrorCode.readOnly;
  }

  stat(_permit: Permit, out: Stat): Status {
    fillImageStat(this.#node, out);
    return 0;
  }

  setSize(): Status {
    return ErrorCode.readOnly;
  }

  setTimes(): Status {
    return ErrorCode.readOnly;
  }

  sync(): Status {
    return 0;
  }

  close(): void {}
}
