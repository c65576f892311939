import { Access } from '../../kernel/access.ts';
import { ErrorCode, type Status } from '../error-code.ts';
import type { Descriptor } from './descriptor.ts';
import type { PathAccess } from './path-access.ts';
import { type PathWalk, Reach } from './resolve.ts';
import { Need } from './rights.ts';
import { FileType, type NewTimestamp, type Stat } from './volume.ts';

export function statAt(paths: PathAccess, at: Descriptor, follow: boolean, path: string, out: Stat): Status {
  const walk = paths.walk;
  let status = paths.begin(walk, at, path, Need.look, 'stat-at', Reach.look);
  if (status !== 0) return status;
  status = statLast(walk, follow || walk.slash, out);
  if (status === 0 && walk.slash && out.type !== FileType.directory) status = ErrorCode.notDirectory;
  if (status === 0) status = paths.place(walk.mount, out);
  return paths.end(walk, status, 'stat-at', path);
}

/** Stats the last name, through symlinks if `follow`; the walk then stands where the last one led. */
function statLast(walk: PathWalk, follow: boolean, out: Stat): Status {
  for (;;) {
    const { directory, name, permit } = walk;
    let status = name === '' ? directory.stat(permit, out) : directory.statAt(permit, name, out);
    if (status !== 0 || out.type !== FileType.symbolicLink || !follow) return shown(walk, status, out);
    status = walk.follow();
    if (status !== 0) return status;
  }
}

/** On the way to what the patterns grant there are only directories; whether anything else is there must not show. */
function shown(walk: PathWalk, status: Status, { type }: Stat): Status {
  return walk.granted || (status === 0 && type === FileType.directory) ? status : walk.forbid();
}

export function setTimesAt(
  paths: PathAccess,
  at: Descriptor,
  follow: boolean,
  path: string,
  accessed: NewTimestamp,
  modified: NewTimestamp,
): Status {
  const walk = paths.walk;
  let status = paths.begin(walk, at, path, Access['set-times'], 'set-times-at', Reach.change);
  if (status !== 0) return status;
  if (follow || walk.slash) {
    status = statLast(walk, true, paths.scratch);
    if (status === 0 && walk.slash && paths.scratch.type !== FileType.directory)
      status = ErrorCode.notDirectory;
  }
  if (status === 0) {
    const { directory, name, permit } = walk;
    status =
      name === ''
        ? directory.setTimes(permit, accessed, modified)
        : directory.setTimesAt(permit, name, accessed, modified);
  }
  return paths.end(walk, status, 'set-times-at', path);
}

export function createDirectoryAt(paths: PathAccess, at: Descriptor, path: string): Status {
  const walk = paths.walk;
  const status = paths.begin(walk, at, path, Access.create, 'create-directory-at', Reach.create);
  if (status !== 0) return status;
  const made =
    walk.name === ''
      ? ErrorCode.exist
      : paths.admitNew(walk) || walk.directory.createDirectory(walk.permit, walk.name);
  return paths.end(walk, made, 'create-directory-at', path);
}

export function removeDirectoryAt(paths: PathAccess, at: Descriptor, path: string): Status {
  return remove(paths, at, path, 'remove-directory-at');
}

export function unlinkFileAt(paths: PathAccess, at: Descriptor, path: string): Status {
  return remove(paths, at, path, 'unlink-file-at');
}

function remove(
  paths: PathAccess,
  at: Descriptor,
  path: string,
  operation: 'remove-directory-at' | 'unlink-file-at',
): Status {
  const walk = paths.walk;
  let status = paths.begin(walk, at, path, Access.delete, operation, Reach.change);
  if (status !== 0) return status;
  const { directory, name, permit } = walk;
  const wantsDirectory = operation === 'remove-directory-at';
  if (name === '') status = wantsDirectory ? ErrorCode.invalid : ErrorCode.isDirectory;
  else if (coversMount(walk)) status = ErrorCode.busy;
  else if (walk.slash) status = checkSlash(paths, walk);
  if (status === 0)
    status = wantsDirectory ? directory.removeDirectory(permit, name) : directory.unlinkFile(permit, name);
  return paths.end(walk, status, operation, path);
}

export function readlinkAt(paths: PathAccess, at: Descriptor, path: string): string | ErrorCode {
  const walk = paths.walk;
  const status = paths.begin(walk, at, path, Need.look, 'readlink-at', Reach.look);
  if (status !== 0) return status;
  let target = readLast(paths, walk);
  // WIT: an absolute target tells of the underlying file system.
  if (typeof target === 'string' && target.startsWith('/')) {
    walk.escaped = true;
    target = ErrorCode.notPermitted;
  }
  return paths.end(walk, target, 'readlink-at', path);
}

function readLast(paths: PathAccess, walk: PathWalk): string | ErrorCode {
  if (walk.slash) return readlinkOfDirectory(paths, walk);
  return walk.granted ? walk.directory.readlink(walk.permit, walk.name) : walk.forbid();
}

/** A path with a trailing slash names a directory, and a directory is no symlink. */
function readlinkOfDirectory({ scratch }: PathAccess, walk: PathWalk): ErrorCode {
  const status = statLast(walk, true, scratch);
  if (status !== 0) return status;
  return scratch.type === FileType.directory ? ErrorCode.invalid : ErrorCode.notDirectory;
}

/** @returns whether a mount lies at or below the last name: it must stay where it is, as on Linux (EBUSY). */
export function coversMount(walk: PathWalk): boolean {
  return walk.tree?.children.has(walk.name) === true;
}

/**
 * A last name with a trailing slash must be a directory itself. A symlink is looked through, so that one that leads
 * out is noticed, and then refused: Linux removes and renames no directory through a symlink.
 */
export function checkSlash({ scratch }: PathAccess, walk: PathWalk): Status {
  const status = walk.directory.statAt(walk.permit, walk.name, scratch);
  if (status !== 0) return status;
  if (scratch.type === FileType.directory) return 0;
  if (scratch.type === FileType.symbolicLink) statLast(walk, true, scratch);
  return walk.escaped ? ErrorCode.notPermitted : ErrorCode.notDirectory;
}

/** Why a new name with a trailing slash cannot become anything but a directory. */
export function refuseSlashed({ scratch }: PathAccess, walk: PathWalk): ErrorCode {
  const status = walk.directory.statAt(walk.permit, walk.name, scratch);
  if (status !== 0) return status;
  return scratch.type === FileType.directory ? ErrorCode.exist : ErrorCode.notDirectory;
}
