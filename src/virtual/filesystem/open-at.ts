import { Access } from '../../kernel/access.ts';
import { ErrorCode, type Status } from '../error-code.ts';
import { Descriptor, DescriptorFlags, OpenFlags } from './descriptor.ts';
import { below } from './mount-tree.ts';
import type { Mount } from './mount.ts';
import type { PathAccess } from './path-access.ts';
import { type PathWalk, Reach } from './resolve.ts';
import { directoryFlags, fileFlags, Need, needToOpen } from './rights.ts';
import { OpenMode } from './volume.ts';

/**
 * `descriptor.open-at`. Sync flags are a request and taken as one; `exclusive` without `create` means nothing.
 * `directory` goes with none of `create`, `exclusive` and `truncate`, as in Wasmtime.
 */
export function openAt(
  paths: PathAccess,
  at: Descriptor,
  follow: boolean,
  path: string,
  openFlags: number,
  flags: number,
): Descriptor | ErrorCode {
  if ((openFlags & OpenFlags.directory) !== 0 && openFlags !== OpenFlags.directory) return ErrorCode.invalid;
  const walk = paths.walk;
  const status = paths.begin(
    walk,
    at,
    path,
    needToOpen(openFlags, flags),
    'open-at',
    reachOf(openFlags, flags),
  );
  if (status !== 0) return status;
  const { mount } = walk;
  if (!takeSlot(paths, mount, path)) return paths.end(walk, ErrorCode.tooManyHandles, 'open-at', path);
  const opened = followAndOpen(paths, walk, follow, path, openFlags, flags);
  if (typeof opened === 'number') giveSlot(mount);
  else if (opened.mount !== mount)
    return paths.end(walk, moveSlot(paths, mount, opened, path), 'open-at', path);
  return paths.end(walk, opened, 'open-at', path);
}

/** Before anything is opened or made: a full table must leave nothing behind. */
function takeSlot({ guard }: PathAccess, { rules }: Mount, path: string): boolean {
  const full = rules.descriptors?.take();
  if (full !== undefined) guard.limited(full.name, full.limit, 'open-at', path);
  return full === undefined;
}

/** Gives back what an open descriptor of the mount counted. */
export function giveSlot({ rules }: Mount): void {
  rules.descriptors?.give();
}

/** A symlink led into another mount. */
function moveSlot(paths: PathAccess, from: Mount, opened: Descriptor, path: string): Descriptor | ErrorCode {
  giveSlot(from);
  if (takeSlot(paths, opened.mount, path)) return opened;
  (opened.file ?? opened.directory)?.close();
  return ErrorCode.tooManyHandles;
}

function reachOf(openFlags: number, flags: number): Reach {
  if ((openFlags & OpenFlags.create) !== 0) return Reach.create;
  const changes = (flags & DescriptorFlags.write) !== 0 || (openFlags & OpenFlags.truncate) !== 0;
  return changes ? Reach.change : Reach.look;
}

function followAndOpen(
  paths: PathAccess,
  walk: PathWalk,
  follow: boolean,
  path: string,
  openFlags: number,
  flags: number,
): Descriptor | ErrorCode {
  let opened = openLast(paths, walk, path, openFlags, flags);
  while (opened === ErrorCode.loop && (follow || walk.slash)) {
    const failed = walk.follow();
    if (failed !== 0) return failed;
    opened = openLast(paths, walk, path, openFlags, flags);
  }
  return opened === ErrorCode.loop && !walk.granted ? walk.forbid() : opened;
}

const EXCLUSIVE_CREATE = OpenFlags.create | OpenFlags.exclusive;

function openLast(
  paths: PathAccess,
  walk: PathWalk,
  path: string,
  openFlags: number,
  flags: number,
): Descriptor | ErrorCode {
  if ((openFlags & OpenFlags.create) !== 0 && walk.slash) return slashedCreate(walk, openFlags);
  if (!walk.granted) return openOnTheWay(walk, path, openFlags, flags);
  if (walk.slash || (openFlags & OpenFlags.directory) !== 0)
    return openDirectory(walk, path, openFlags, flags);
  const opened = openFile(paths, walk, path, openFlags, flags);
  return opened === ErrorCode.isDirectory ? openDirectory(walk, path, openFlags, flags) : opened;
}

/** What lies on the way to what the patterns grant is opened if it is a directory; a file there is not even opened. */
function openOnTheWay(
  walk: PathWalk,
  path: string,
  openFlags: number,
  flags: number,
): Descriptor | ErrorCode {
  const opened = openDirectory(walk, path, openFlags, flags);
  return typeof opened === 'number' && opened !== ErrorCode.loop ? walk.forbid() : opened;
}

/** POSIX: what a path with a trailing slash names is a directory, and open creates files only. */
function slashedCreate(walk: PathWalk, openFlags: number): ErrorCode {
  return walk.name === '' && (openFlags & OpenFlags.exclusive) !== 0
    ? ErrorCode.exist
    : ErrorCode.isDirectory;
}

function openDirectory(
  walk: PathWalk,
  path: string,
  openFlags: number,
  flags: number,
): Descriptor | ErrorCode {
  const { directory: parent, name, permit, mount } = walk;
  const directory = name === '' ? parent.reopen(permit) : parent.openDirectory(permit, name);
  if (typeof directory === 'number') return directory;
  if ((flags & DescriptorFlags.write) !== 0 || (openFlags & (OpenFlags.create | OpenFlags.truncate)) !== 0) {
    directory.close();
    return ErrorCode.isDirectory;
  }
  const tree = name === '' ? walk.tree : below(walk.tree?.children.get(name));
  return new Descriptor(mount, directoryFlags(mount.grant, flags), path, {
    directory,
    tree,
    state: walk.stateToKeep(),
    depth: name === '' ? walk.depth : walk.depth + 1,
  });
}

function openFile(
  paths: PathAccess,
  walk: PathWalk,
  path: string,
  openFlags: number,
  flags: number,
): Descriptor | ErrorCode {
  const { directory: parent, name, permit, mount } = walk;
  const truncate = (openFlags & OpenFlags.truncate) !== 0 ? OpenMode.truncate : 0;
  let created = (openFlags & EXCLUSIVE_CREATE) === EXCLUSIVE_CREATE;
  let resulting = fileFlags(mount.grant, openFlags, flags, created);
  if (created) {
    const denied = paths.permit(walk, Access.create, 'open-at', path) || paths.admitNew(walk);
    if (denied !== 0) return denied;
  }
  const exclusive = created ? OpenMode.create | OpenMode.exclusive : 0;
  let file = parent.openFile(permit, name, modeOf(resulting) | truncate | exclusive);
  if (file === ErrorCode.noEntry && (openFlags & OpenFlags.create) !== 0 && !created) {
    const denied = paths.permit(walk, Access.create, 'open-at', path) || paths.admitNew(walk);
    if (denied !== 0) return denied;
    created = true;
    resulting = fileFlags(mount.grant, openFlags, flags, created);
    file = parent.openFile(permit, name, modeOf(resulting) | truncate | OpenMode.create);
  }
  if (typeof file === 'number') return file;
  const unreadable = mayRead(paths, walk, path, openFlags, flags);
  if (unreadable !== 0) {
    file.close();
    return unreadable;
  }
  return new Descriptor(mount, resulting, path, { file });
}

/** Reading was asked for as looking, which `list` covers for a directory; only now is this known to be a file. */
function mayRead(paths: PathAccess, walk: PathWalk, path: string, openFlags: number, flags: number): Status {
  const looked = (needToOpen(openFlags, flags) & Need.look) !== 0;
  const granted = (walk.mount.grant.access & Access.read) !== 0;
  return granted || !looked ? 0 : paths.permit(walk, Access.read, 'open-at', path);
}

function modeOf(flags: number): number {
  let mode = 0;
  if ((flags & DescriptorFlags.read) !== 0) mode |= OpenMode.read;
  if ((flags & DescriptorFlags.write) !== 0) mode |= OpenMode.write;
  return mode;
}
