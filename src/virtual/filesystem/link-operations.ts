import { Access } from '../../kernel/access.ts';
import { ErrorCode, type Status } from '../error-code.ts';
import type { Descriptor } from './descriptor.ts';
import type { PathAccess } from './path-access.ts';
import { exceedsBytes, MAX_PATH_BYTES } from './path.ts';
import { checkSlash, coversMount, refuseSlashed } from './path-operations.ts';
import { Reach } from './resolve.ts';
import { FileType } from './volume.ts';

/** A path and the descriptor that it is relative to. */
export interface PathEnd {
  readonly at: Descriptor;
  readonly path: string;
}

/** `descriptor.rename-at`. Both ends need `rename`. */
export function renameAt(paths: PathAccess, from: PathEnd, to: PathEnd): Status {
  return withTwo(paths, from, to, 'rename-at', renameLast);
}

/** `descriptor.link-at`. Following the old path is `invalid`, as in Wasmtime: POSIX leaves it to the implementation. */
export function linkAt(paths: PathAccess, follow: boolean, from: PathEnd, to: PathEnd): Status {
  return follow ? ErrorCode.invalid : withTwo(paths, from, to, 'link-at', linkLast);
}

/** `descriptor.symlink-at`. The target may dangle or lead out (resolving it then fails), but not be absolute. */
export function symlinkAt(paths: PathAccess, at: Descriptor, target: string, path: string): Status {
  if (target === '') return ErrorCode.noEntry;
  if (target.includes('\0')) return ErrorCode.invalid;
  if (exceedsBytes(target, MAX_PATH_BYTES - 1)) return ErrorCode.nameTooLong;
  const walk = paths.walk;
  let status = paths.begin(walk, at, path, Access.symlink, 'symlink-at', Reach.create);
  if (status !== 0) return status;
  if (target.startsWith('/')) {
    walk.escaped = true;
    status = ErrorCode.notPermitted;
  } else if (walk.name === '') status = ErrorCode.exist;
  else if (walk.slash) status = refuseSlashed(paths, walk);
  else status = paths.admitNew(walk) || walk.directory.symlink(walk.permit, walk.name, target);
  return paths.end(walk, status, 'symlink-at', path);
}

function withTwo(
  paths: PathAccess,
  from: PathEnd,
  to: PathEnd,
  operation: 'rename-at' | 'link-at',
  act: (paths: PathAccess) => Status,
): Status {
  const { walk, toWalk } = paths;
  const need = operation === 'rename-at' ? Access.rename : Access.link;
  let status = paths.begin(walk, from.at, from.path, need, operation, Reach.change);
  if (status !== 0) return status;
  status = paths.begin(toWalk, to.at, to.path, need, operation, Reach.create);
  if (status !== 0) return paths.end(walk, status, operation, from.path);
  status = walk.mount === toWalk.mount ? act(paths) : ErrorCode.crossDevice;
  paths.end(toWalk, status, operation, to.path);
  return paths.end(walk, status, operation, from.path);
}

function renameLast(paths: PathAccess): Status {
  const { walk, toWalk, scratch } = paths;
  if (walk.name === '' || toWalk.name === '' || coversMount(walk) || coversMount(toWalk))
    return ErrorCode.busy;
  let status: Status = 0;
  if (walk.slash) status = checkSlash(paths, walk);
  else if (toWalk.slash) {
    status = walk.directory.statAt(walk.permit, walk.name, scratch);
    if (status === 0 && scratch.type !== FileType.directory) status = ErrorCode.notDirectory;
  }
  if (status === 0) status = paths.admitNew(toWalk);
  if (status === 0) status = admitDirectory(paths);
  if (status !== 0) return status;
  return walk.directory.rename(walk.permit, walk.name, toWalk.directory, toWalk.name);
}

/**
 * A directory takes along what is below it. So everything below must be granted at both ends, or names would reach
 * where the patterns do not; and with a bound on depth it may not move down, since nobody knows how deep it is.
 */
function admitDirectory({ walk, toWalk, scratch }: PathAccess): Status {
  const { rules } = walk.mount;
  if (rules.paths === undefined && rules.depth === Infinity) return 0;
  const status = walk.directory.statAt(walk.permit, walk.name, scratch);
  if (status !== 0 || scratch.type !== FileType.directory) return status;
  if (!walk.grantedWhole) return walk.forbid();
  if (!toWalk.grantedWhole) return toWalk.forbid();
  if (toWalk.depth <= walk.depth || rules.depth === Infinity) return 0;
  toWalk.exceeded = 'depth';
  return ErrorCode.quota;
}

function linkLast(paths: PathAccess): Status {
  const { walk, toWalk } = paths;
  if (walk.name === '') return ErrorCode.notPermitted;
  const status = walk.slash ? checkSlash(paths, walk) : 0;
  if (status !== 0) return status;
  if (toWalk.name === '') return ErrorCode.exist;
  if (toWalk.slash) return refuseSlashed(paths, toWalk);
  const tooDeep = paths.admitNew(toWalk);
  if (tooDeep !== 0) return tooDeep;
  return walk.directory.link(walk.permit, walk.name, toWalk.directory, toWalk.name);
}
