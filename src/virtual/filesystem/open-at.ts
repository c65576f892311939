import { Access } from '../../kernel/access.ts';
import { ErrorCode, type Status } from '../error-code.ts';
import { Descriptor, DescriptorFlags, OpenFlags } from './descriptor.ts';
import { below } from './mount-tree.ts';
import type { PathAccess } from './path-access.ts';
import type { PathWalk } from './resolve.ts';
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
  const status = paths.begin(walk, at, path, needToOpen(openFlags, flags), 'open-at');
  if (status !== 0) return status;
  let opened = openLast(paths, walk, path, openFlags, flags);
  while (opened === ErrorCode.loop && (follow || walk.slash)) {
    const failed = walk.follow();
    if (failed !== 0) return paths.end(walk, failed, 'open-at', path);
    opened = openLast(paths, walk, path, openFlags, flags);
  }
  return paths.end(walk, opened, 'open-at', path);
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
  if (walk.slash || (openFlags & OpenFlags.directory) !== 0)
    return openDirectory(walk, path, openFlags, flags);
  const opened = openFile(paths, walk, path, openFlags, flags);
  return opened === ErrorCode.isDirectory ? openDirectory(walk, path, openFlags, flags) : opened;
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
  return new Descriptor(mount, directoryFlags(mount.grant, flags), path, { directory, tree });
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
    const denied = paths.permit(walk, Access.create, 'open-at', path);
    if (denied !== 0) return denied;
  }
  const exclusive = created ? OpenMode.create | OpenMode.exclusive : 0;
  let file = parent.openFile(permit, name, modeOf(resulting) | truncate | exclusive);
  if (file === ErrorCode.noEntry && (openFlags & OpenFlags.create) !== 0 && !created) {
    const denied = paths.permit(walk, Access.create, 'open-at', path);
    if (denied !== 0) return denied;
    created = true;
    resulting = fileFlags(mount.grant, openFlags, flags, created);
    file = parent.openFile(permit, name, modeOf(resulting) | truncate | OpenMode.create);
  }
  if (typeof file === 'number') return paths.settle(file, mount, 'open-at', path);
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
