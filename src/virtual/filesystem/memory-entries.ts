import type { ImageDirectory, ImageNode } from './image.ts';
import { MemoryInode } from './memory-inode.ts';
import { type DirectoryEntry, FileType, type VolumeDirectory } from './volume.ts';

/** A name in a directory; a directory has one, a file may have several. */
export class MemoryLink {
  name: string;
  parent: MemoryLink | undefined;
  readonly inode: MemoryInode;
  /** The quota counts it; names of the base are free, wherever they are moved to. */
  readonly counted: boolean;
  /** Of a directory. */
  readonly entries: MemoryEntries | undefined;
  /** The one object for a directory's users; made on first use. */
  directory: VolumeDirectory | undefined;

  /** @param node of the base that it stands for */
  constructor(parent: MemoryLink | undefined, name: string, inode: MemoryInode, node?: ImageNode) {
    this.parent = parent;
    this.name = name;
    this.inode = inode;
    this.counted = node === undefined;
    if (this.counted) inode.names++;
    if (inode.type === FileType.directory)
      this.entries = new MemoryEntries(this, node?.type === FileType.directory ? node : undefined);
  }
}

/**
 * What is in a directory: names of its own over those of the base. A name of the base becomes one of its own when it is
 * asked for; listing and stat take it from the base, so that looking around costs nothing that stays.
 */
export class MemoryEntries {
  readonly #owner: MemoryLink;
  readonly #base: ImageDirectory | undefined;
  /** null: a name of the base that is gone. */
  readonly #own = new Map<string, MemoryLink | null>();
  size: number;

  constructor(owner: MemoryLink, base: ImageDirectory | undefined) {
    this.#owner = owner;
    this.#base = base;
    this.size = base === undefined ? 0 : base.children.size;
  }

  find(name: string): MemoryLink | undefined {
    const own = this.#own.get(name);
    if (own !== undefined) return own ?? undefined;
    const node = this.#base?.children.get(name);
    return node === undefined ? undefined : this.#take(name, node);
  }

  /** @returns the inode of `name`, or the node of the base as long as the volume has made nothing of it */
  look(name: string): MemoryInode | ImageNode | undefined {
    const own = this.#own.get(name);
    if (own !== undefined) return own?.inode;
    const node = this.#base?.children.get(name);
    return node === undefined || node.links === 1
      ? node
      : (this.#owner.inode.context.linked.get(node) ?? node);
  }

  /** Puts `child` here under its name, which is free. */
  adopt(child: MemoryLink): void {
    child.parent = this.#owner;
    this.#own.set(child.name, child);
    this.size++;
    if (child.inode.type === FileType.directory) this.#owner.inode.subdirectories++;
  }

  disown(child: MemoryLink): void {
    if (this.#base?.children.has(child.name) === true) this.#own.set(child.name, null);
    else this.#own.delete(child.name);
    this.size--;
    if (child.inode.type === FileType.directory) this.#owner.inode.subdirectories--;
  }

  /** Goes back to what the base says of a file that nobody has changed or holds open. */
  forget(child: MemoryLink): void {
    if (this.#own.get(child.name) === child) this.#own.delete(child.name);
  }

  list(): DirectoryEntry[] {
    const entries: DirectoryEntry[] = [];
    for (const [name, node] of this.#base?.children ?? []) {
      const own = this.#own.get(name);
      if (own !== null) entries.push(entryOf(name, own?.inode ?? node));
    }
    for (const [name, own] of this.#own)
      if (own !== null && this.#base?.children.has(name) !== true) entries.push(entryOf(name, own.inode));
    return entries;
  }

  #take(name: string, node: ImageNode): MemoryLink {
    const { context } = this.#owner.inode;
    let inode = node.links === 1 ? undefined : context.linked.get(node);
    if (inode === undefined) {
      inode = new MemoryInode(context, node.type, node);
      if (node.links > 1) context.linked.set(node, inode);
    }
    const link = new MemoryLink(this.#owner, name, inode, node);
    this.#own.set(name, link);
    return link;
  }
}

function entryOf(name: string, { type, inode }: MemoryInode | ImageNode): DirectoryEntry {
  return { name, type, inode };
}
