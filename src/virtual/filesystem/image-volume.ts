import type { Permit } from '../../kernel/permit.ts';
import { ErrorCode, type Status } from '../error-code.ts';
import type { Image, ImageDirectory, ImageFile, ImageNode } from './image.ts';
import {
  type DirectoryEntry,
  FileType,
  OpenMode,
  type Stat,
  type Volume,
  type VolumeDirectory,
  type VolumeFile,
} from './volume.ts';

/** Serves an image, which it shares with everybody else, without copying anything of it. Every change is `readOnly`. */
export class ImageVolume implements Volume {
  readonly quota = undefined;
  readonly #root: ImageVolumeDirectory;

  constructor(image: Image) {
    this.#root = new ImageVolumeDirectory(new Inodes(), image.root);
  }

  openRoot(): VolumeDirectory {
    return this.#root;
  }

  close(): void {}
}

/** Numbers are given out as they are asked for: an image has none, and instances must not see each other's. */
class Inodes {
  readonly #numbers = new Map<ImageNode, bigint>();

  of(node: ImageNode): bigint {
    let number = this.#numbers.get(node);
    if (number === undefined) this.#numbers.set(node, (number = BigInt(this.#numbers.size + 1)));
    return number;
  }

  fill(node: ImageNode, out: Stat): void {
    out.type = node.type;
    out.inode = this.of(node);
    out.linkCount = node.type === FileType.directory ? 2 + subdirectories(node) : (node.links ?? 1);
    out.size = sizeOf(node);
    out.accessed = out.modified = out.changed = node.modified;
  }
}

function sizeOf(node: ImageNode): number {
  if (node.type === FileType.regularFile) return node.bytes.length;
  return node.type === FileType.symbolicLink ? Buffer.byteLength(node.target) : 0;
}

function subdirectories({ children }: ImageDirectory): number {
  return children.values().reduce((sum, { type }) => (type === FileType.directory ? sum + 1 : sum), 0);
}

/** One object for all who have the directory open, with nothing to close. */
class ImageVolumeDirectory implements VolumeDirectory {
  readonly #inodes: Inodes;
  readonly #node: ImageDirectory;

  constructor(inodes: Inodes, node: ImageDirectory) {
    this.#inodes = inodes;
    this.#node = node;
  }

  reopen(): VolumeDirectory {
    return this;
  }

  openDirectory(_permit: Permit, name: string): VolumeDirectory | ErrorCode {
    const node = this.#node.children.get(name);
    if (node === undefined) return ErrorCode.noEntry;
    if (node.type === FileType.directory) return new ImageVolumeDirectory(this.#inodes, node);
    return node.type === FileType.symbolicLink ? ErrorCode.loop : ErrorCode.notDirectory;
  }

  openFile(_permit: Permit, name: string, mode: number): VolumeFile | ErrorCode {
    const node = this.#node.children.get(name);
    if (node === undefined) return (mode & OpenMode.create) === 0 ? ErrorCode.noEntry : ErrorCode.readOnly;
    if ((mode & OpenMode.create) !== 0 && (mode & OpenMode.exclusive) !== 0) return ErrorCode.exist;
    if (node.type === FileType.directory) return ErrorCode.isDirectory;
    if (node.type === FileType.symbolicLink) return ErrorCode.loop;
    const writes = (mode & (OpenMode.write | OpenMode.truncate)) !== 0;
    return writes ? ErrorCode.readOnly : new ImageVolumeFile(this.#inodes, node);
  }

  stat(_permit: Permit, out: Stat): Status {
    this.#inodes.fill(this.#node, out);
    return 0;
  }

  statAt(_permit: Permit, name: string, out: Stat): Status {
    const node = this.#node.children.get(name);
    if (node === undefined) return ErrorCode.noEntry;
    this.#inodes.fill(node, out);
    return 0;
  }

  readlink(_permit: Permit, name: string): string | ErrorCode {
    const node = this.#node.children.get(name);
    if (node === undefined) return ErrorCode.noEntry;
    return node.type === FileType.symbolicLink ? node.target : ErrorCode.invalid;
  }

  entries(): DirectoryEntry[] {
    const { children } = this.#node;
    return Array.from(children, ([name, node]) => ({ name, type: node.type, inode: this.#inodes.of(node) }));
  }

  createDirectory(_permit: Permit, name: string): Status {
    return this.#refuseNew(name);
  }

  symlink(_permit: Permit, name: string): Status {
    return this.#refuseNew(name);
  }

  removeDirectory(_permit: Permit, name: string): Status {
    return this.#refuseChange(name);
  }

  unlinkFile(_permit: Permit, name: string): Status {
    return this.#refuseChange(name);
  }

  rename(_permit: Permit, name: string): Status {
    return this.#refuseChange(name);
  }

  link(_permit: Permit, name: string): Status {
    return this.#refuseChange(name);
  }

  setTimes(): Status {
    return ErrorCode.readOnly;
  }

  setTimesAt(_permit: Permit, name: string): Status {
    return this.#refuseChange(name);
  }

  sync(): Status {
    return 0;
  }

  close(): void {}

  /** POSIX: what is there already is the first thing that is wrong. */
  #refuseNew(name: string): Status {
    return this.#node.children.has(name) ? ErrorCode.exist : ErrorCode.readOnly;
  }

  #refuseChange(name: string): Status {
    return this.#node.children.has(name) ? ErrorCode.readOnly : ErrorCode.noEntry;
  }
}

class ImageVolumeFile implements VolumeFile {
  readonly offThread = undefined;
  readonly #inodes: Inodes;
  readonly #node: ImageFile;

  constructor(inodes: Inodes, node: ImageFile) {
    this.#inodes = inodes;
    this.#node = node;
  }

  read(_permit: Permit, target: Uint8Array, offset: number, length: number, position: number): number {
    const { bytes } = this.#node;
    const count = Math.min(length, bytes.length - position);
    if (count <= 0) return 0;
    target.set(bytes.subarray(position, position + count), offset);
    return count;
  }

  write(): number {
    return -ErrorCode.readOnly;
  }

  append(): number {
    return -ErrorCode.readOnly;
  }

  stat(_permit: Permit, out: Stat): Status {
    this.#inodes.fill(this.#node, out);
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
