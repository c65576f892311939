import type { Permit } from '../../kernel/permit.ts';
import { ErrorCode, type Status } from '../error-code.ts';
import { MemoryFile } from './memory-file.ts';
import { MemoryInode, MemoryLink } from './memory-inode.ts';
import {
  type DirectoryEntry,
  FileType,
  type NewTimestamp,
  OpenMode,
  type Stat,
  type VolumeDirectory,
  type VolumeFile,
} from './volume.ts';

const EXCLUSIVE_CREATE = OpenMode.create | OpenMode.exclusive;

/** A directory of a memory volume: one object for all who have it open, with nothing to close. */
export class MemoryDirectory implements VolumeDirectory {
  /** Its name in its parent. The prefix keeps it apart from the operation `link`. */
  readonly #self: MemoryLink;
  /** Nothing can be made in a directory that has no name any more. */
  #removed = false;

  constructor(self: MemoryLink) {
    this.#self = self;
  }

  reopen(): VolumeDirectory {
    return this;
  }

  openDirectory(_permit: Permit, name: string): VolumeDirectory | ErrorCode {
    const link = this.#child(name);
    if (link === undefined) return ErrorCode.noEntry;
    if (link.inode.type === FileType.directory) return directoryOf(link);
    return link.inode.type === FileType.symbolicLink ? ErrorCode.loop : ErrorCode.notDirectory;
  }

  openFile(_permit: Permit, name: string, mode: number): VolumeFile | ErrorCode {
    const link = this.#child(name);
    if (link === undefined) {
      const made =
        (mode & OpenMode.create) === 0 ? ErrorCode.noEntry : this.#create(name, FileType.regularFile);
      return typeof made === 'number' ? made : new MemoryFile(made);
    }
    if ((mode & EXCLUSIVE_CREATE) === EXCLUSIVE_CREATE) return ErrorCode.exist;
    const inode = link.inode;
    if (inode.type === FileType.directory) return ErrorCode.isDirectory;
    if (inode.type === FileType.symbolicLink) return ErrorCode.loop;
    if ((mode & OpenMode.truncate) !== 0) {
      inode.resize(0);
      inode.modify();
    }
    return new MemoryFile(inode);
  }

  createDirectory(_permit: Permit, name: string): Status {
    if (this.#child(name) !== undefined) return ErrorCode.exist;
    const made = this.#create(name, FileType.directory);
    return typeof made === 'number' ? made : 0;
  }

  stat(_permit: Permit, out: Stat): Status {
    this.#self.inode.fillStat(out);
    return 0;
  }

  statAt(_permit: Permit, name: string, out: Stat): Status {
    const link = this.#child(name);
    if (link === undefined) return ErrorCode.noEntry;
    link.inode.fillStat(out);
    return 0;
  }

  readlink(_permit: Permit, name: string): string | ErrorCode {
    const link = this.#child(name);
    if (link === undefined) return ErrorCode.noEntry;
    return link.inode.type === FileType.symbolicLink ? link.inode.target : ErrorCode.invalid;
  }

  removeDirectory(_permit: Permit, name: string): Status {
    const link = this.#child(name);
    if (link === undefined) return ErrorCode.noEntry;
    if (link.inode.type !== FileType.directory) return ErrorCode.notDirectory;
    if (link.children.size > 0) return ErrorCode.notEmpty;
    this.#remove(link);
    return 0;
  }

  unlinkFile(_permit: Permit, name: string): Status {
    const link = this.#child(name);
    if (link === undefined) return ErrorCode.noEntry;
    if (link.inode.type === FileType.directory) return ErrorCode.isDirectory;
    this.#remove(link);
    return 0;
  }

  rename(_permit: Permit, name: string, to: VolumeDirectory, toName: string): Status {
    const target = to as MemoryDirectory;
    const source = this.#child(name);
    if (source === undefined || target.#removed) return ErrorCode.noEntry;
    const replaced = target.#child(toName);
    // POSIX: two names of one file both stay.
    if (replaced?.inode === source.inode) return 0;
    const isDirectory = source.inode.type === FileType.directory;
    if (isDirectory && target.#liesIn(source)) return ErrorCode.invalid;
    if (replaced !== undefined) {
      const overDirectory = replaced.inode.type === FileType.directory;
      if (isDirectory && !overDirectory) return ErrorCode.notDirectory;
      if (overDirectory && !isDirectory) return ErrorCode.isDirectory;
      if (replaced.children.size > 0) return ErrorCode.notEmpty;
      target.#remove(replaced);
    }
    this.#self.disown(source);
    source.name = toName;
    target.#self.adopt(source);
    source.inode.changed = source.inode.context.now();
    this.#self.inode.modify();
    target.#self.inode.modify();
    return 0;
  }

  link(_permit: Permit, name: string, to: VolumeDirectory, toName: string): Status {
    const target = to as MemoryDirectory;
    const source = this.#child(name);
    if (source === undefined) return ErrorCode.noEntry;
    if (source.inode.type === FileType.directory) return ErrorCode.notPermitted;
    if (target.#child(toName) !== undefined) return ErrorCode.exist;
    const status = target.#add(toName, source.inode);
    if (status === 0) source.inode.changed = source.inode.context.now();
    return status;
  }

  symlink(_permit: Permit, name: string, target: string): Status {
    if (this.#child(name) !== undefined) return ErrorCode.exist;
    const { quota } = this.#self.inode.context;
    const length = Buffer.byteLength(target);
    if (!quota.takeBytes(length)) return ErrorCode.quota;
    const made = this.#create(name, FileType.symbolicLink);
    if (typeof made === 'number') {
      quota.giveBytes(length);
      return made;
    }
    made.target = target;
    made.length = length;
    return 0;
  }

  setTimes(_permit: Permit, accessed: NewTimestamp, modified: NewTimestamp): Status {
    this.#self.inode.setTimes(accessed, modified);
    return 0;
  }

  setTimesAt(_permit: Permit, name: string, accessed: NewTimestamp, modified: NewTimestamp): Status {
    const link = this.#child(name);
    if (link === undefined) return ErrorCode.noEntry;
    link.inode.setTimes(accessed, modified);
    return 0;
  }

  entries(): DirectoryEntry[] {
    const entries: DirectoryEntry[] = [];
    for (const [name, child] of this.#self.children) {
      const { type, inode } = child.inode;
      entries.push({ name, type, inode });
    }
    return entries;
  }

  sync(): Status {
    return 0;
  }

  close(): void {}

  /** Makes or takes a directory for the initial content. @returns undefined when there is another thing or no room */
  seedDirectory(name: string): MemoryDirectory | undefined {
    const link = this.#child(name);
    if (link === undefined && typeof this.#create(name, FileType.directory) === 'number') return undefined;
    const made = this.#child(name);
    return made?.inode.type === FileType.directory ? directoryOf(made) : undefined;
  }

  /** Makes a file of the initial content. @returns false when the name is taken or there is no room */
  seedFile(name: string, bytes: Uint8Array): boolean {
    const inode =
      this.#child(name) === undefined ? this.#create(name, FileType.regularFile) : ErrorCode.exist;
    if (typeof inode === 'number' || inode.resize(bytes.length) !== 0) return false;
    inode.buf.set(bytes);
    return true;
  }

  #child(name: string): MemoryLink | undefined {
    return this.#self.children.get(name);
  }

  #create(name: string, type: FileType): MemoryInode | ErrorCode {
    const inode = new MemoryInode(this.#self.inode.context, type);
    const status = this.#add(name, inode);
    return status === 0 ? inode : status;
  }

  #add(name: string, inode: MemoryInode): Status {
    if (this.#removed) return ErrorCode.noEntry;
    const { context } = inode;
    if (!context.quota.takeName(inode.type === FileType.directory)) return ErrorCode.quota;
    this.#self.adopt(new MemoryLink(this.#self, name, inode));
    this.#self.inode.modify();
    return 0;
  }

  #remove(link: MemoryLink): void {
    const { inode } = link;
    this.#self.disown(link);
    this.#self.inode.modify();
    inode.context.quota.giveName(inode.type === FileType.directory);
    inode.names--;
    inode.changed = inode.context.now();
    if (inode.type === FileType.directory) directoryOf(link).#removed = true;
    else inode.releaseIfUnused();
  }

  #liesIn(ancestor: MemoryLink): boolean {
    for (let link: MemoryLink | undefined = this.#self; link !== undefined; link = link.parent) {
      if (link === ancestor) return true;
    }
    return false;
  }
}

/** @returns the directory that `link` names. */
export function directoryOf(link: MemoryLink): MemoryDirectory {
  return (link.directory ??= new MemoryDirectory(link)) as MemoryDirectory;
}
