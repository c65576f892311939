import type { Permit } from '../../kernel/permit.ts';
import { ErrorCode, type Status } from '../error-code.ts';
import { fillImageStat } from './image-stat.ts';
import { MemoryFile } from './memory-file.ts';
import { type MemoryEntries, MemoryLink } from './memory-entries.ts';
import { MemoryInode } from './memory-inode.ts';
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
  readonly #entries: MemoryEntries;
  /** Nothing can be made in a directory that has no name any more. */
  #removed = false;

  /** @param self of a directory */
  constructor(self: MemoryLink) {
    this.#self = self;
    this.#entries = self.entries as MemoryEntries;
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
      inode.pages?.resize(inode.context.quota, 0);
      inode.modify();
    }
    return new MemoryFile(link);
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
    const found = this.#entries.look(name);
    if (found === undefined) return ErrorCode.noEntry;
    if (found instanceof MemoryInode) found.fillStat(out);
    else fillImageStat(found, out);
    return 0;
  }

  readlink(_permit: Permit, name: string): string | ErrorCode {
    const found = this.#entries.look(name);
    if (found === undefined) return ErrorCode.noEntry;
    return found.type === FileType.symbolicLink ? found.target : ErrorCode.invalid;
  }

  removeDirectory(_permit: Permit, name: string): Status {
    const link = this.#child(name);
    if (link === undefined) return ErrorCode.noEntry;
    if (link.inode.type !== FileType.directory) return ErrorCode.notDirectory;
    if (isFilled(link)) return ErrorCode.notEmpty;
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
      if (isFilled(replaced)) return ErrorCode.notEmpty;
      target.#remove(replaced);
    }
    this.#entries.disown(source);
    source.name = toName;
    target.#entries.adopt(source);
    source.inode.touch();
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
    const added = target.#add(toName, source.inode);
    if (typeof added === 'number') return added;
    source.inode.touch();
    return 0;
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
    made.inode.target = target;
    made.inode.length = made.inode.counted = length;
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
    return this.#entries.list();
  }

  sync(): Status {
    return 0;
  }

  close(): void {}

  #child(name: string): MemoryLink | undefined {
    return this.#entries.find(name);
  }

  #create(name: string, type: FileType): MemoryLink | ErrorCode {
    return this.#add(name, new MemoryInode(this.#self.inode.context, type));
  }

  #add(name: string, inode: MemoryInode): MemoryLink | ErrorCode {
    if (this.#removed) return ErrorCode.noEntry;
    if (!inode.context.quota.takeName(inode.type === FileType.directory)) return ErrorCode.quota;
    const link = new MemoryLink(this.#self, name, inode);
    this.#entries.adopt(link);
    this.#self.inode.modify();
    return link;
  }

  #remove(link: MemoryLink): void {
    const { inode } = link;
    this.#entries.disown(link);
    this.#self.inode.modify();
    if (link.counted) inode.context.quota.giveName(inode.type === FileType.directory);
    inode.names--;
    inode.touch();
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

function isFilled(link: MemoryLink): boolean {
  return link.entries !== undefined && link.entries.size > 0;
}
