import type { Permit } from '../../kernel/permit.ts';
import { ErrorCode, type Status } from '../error-code.ts';
import type { OverlayChange } from './overlay-changes.ts';
import { copyContent } from './overlay-copy.ts';
import { temporaryName } from './overlay-names.ts';
import { emptyStat, FileType, OpenMode, type Stat, type VolumeDirectory, type VolumeFile } from './volume.ts';
import { volumeError } from './volume-error.ts';

/** A directory on both sides. */
interface Sides {
  readonly from: VolumeDirectory;
  readonly to: VolumeDirectory;
}

/**
 * Carries out what an overlay changed on a writable handle of its lower directory: accepts the changes.
 *
 * Each file is written under a temporary name that no overlay shows, synchronised, and renamed, and what only goes away
 * goes last, so that a crash leaves each file as it was or as it is to be; to do it again then completes it. Where a
 * directory takes the place of a file, or a file that of a directory, there is a moment with neither.
 *
 * @param changes of `from`, in their order
 * @param from the root of the overlay as the guest sees it
 * @throws VolumeError BW_VOLUME_READ, BW_VOLUME_WRITE
 */
export function applyChanges(
  changes: readonly OverlayChange[],
  from: VolumeDirectory,
  to: VolumeDirectory,
  permit: Permit,
): void {
  const root = { from, to };
  const added = new Set(changes.flatMap(({ kind, path }) => (kind === 'added' ? path : [])));
  for (const change of changes) {
    const { kind, path, type } = change;
    if (kind === 'removed' && added.has(path))
      within(root, path, permit, (at, name) => remove(at.to, name, permit));
    else if (kind !== 'removed') within(root, path, permit, (at, name) => put(at, name, type, path, permit));
  }
  for (const { kind, path } of changes.toReversed()) {
    if (kind === 'removed' && !added.has(path))
      within({ from: to, to }, path, permit, (at, name) => remove(at.to, name, permit));
  }
  // Last, and from the inside to the outside: all before has changed the times of directories.
  for (const path of directoriesOf(changes)) setDirectoryTimes(root, path, permit);
  check(to.sync(permit), '');
}

/** @returns every directory that something happened in, or that is new, the innermost first */
function directoriesOf(changes: readonly OverlayChange[]): string[] {
  const paths = new Set<string>();
  for (const { kind, path, type } of changes) {
    if (kind !== 'removed' && type === FileType.directory) paths.add(path);
    paths.add(path.slice(0, Math.max(0, path.lastIndexOf('/'))));
  }
  return [...paths].toSorted((a, b) => b.split('/').length - a.split('/').length || (a < b ? 1 : -1));
}

/** Opens the directories that lead to the last name of a path, on both sides, and closes them again. */
function within(root: Sides, path: string, permit: Permit, act: (at: Sides, name: string) => Status): void {
  const names = path.split('/');
  const last = names.pop() as string;
  let at = root;
  const leave = (): void => {
    if (at === root) return;
    at.from.close();
    at.to.close();
  };
  try {
    for (const name of names) {
      const next = openBoth(at, name, path, permit);
      leave();
      at = next;
    }
    check(act(at, last), path);
  } finally {
    leave();
  }
}

function openBoth({ from, to }: Sides, name: string, path: string, permit: Permit): Sides {
  const source = from.openDirectory(permit, name);
  if (typeof source === 'number') throw volumeError('BW_VOLUME_READ', path, source);
  const target = to.openDirectory(permit, name);
  if (typeof target !== 'number') return { from: source, to: target };
  source.close();
  throw volumeError('BW_VOLUME_WRITE', path, target);
}

function put({ from, to }: Sides, name: string, type: FileType, path: string, permit: Permit): Status {
  if (type === FileType.directory) {
    const status = to.createDirectory(permit, name);
    return status === ErrorCode.exist ? 0 : status;
  }
  const temporary = temporaryName(0);
  const stat = emptyStat();
  let status = from.statAt(permit, name, stat);
  if (status !== 0) throw volumeError('BW_VOLUME_READ', path, status);
  // Of an attempt that a crash ended.
  to.unlinkFile(permit, temporary);
  status =
    type === FileType.symbolicLink
      ? putSymlink({ from, to }, name, temporary, stat, permit)
      : putFile({ from, to }, name, temporary, stat, permit);
  if (status === 0) status = to.rename(permit, temporary, to, name);
  if (status !== 0) to.unlinkFile(permit, temporary);
  return status;
}

function putSymlink(
  { from, to }: Sides,
  name: string,
  temporary: string,
  stat: Stat,
  permit: Permit,
): Status {
  const target = from.readlink(permit, name);
  if (typeof target === 'number') return target;
  const status = to.symlink(permit, temporary, target);
  return status === 0 ? to.setTimesAt(permit, temporary, stat.accessed, stat.modified) : status;
}

function putFile({ from, to }: Sides, name: string, temporary: string, stat: Stat, permit: Permit): Status {
  const source = from.openFile(permit, name, OpenMode.read);
  if (typeof source === 'number') return source;
  const target = to.openFile(permit, temporary, OpenMode.write | OpenMode.create | OpenMode.exclusive);
  const status = typeof target === 'number' ? target : fill(source, target, stat, permit);
  source.close();
  if (typeof target !== 'number') target.close();
  return status;
}

function fill(source: VolumeFile, target: VolumeFile, stat: Stat, permit: Permit): Status {
  let status = copyContent(source, target, stat.size, permit);
  if (status === 0) status = target.setTimes(permit, stat.accessed, stat.modified);
  // Before the rename: a name must never lead to bytes that a crash has lost.
  return status === 0 ? target.sync(permit, false) : status;
}

/** Removes a name and, should it be a directory, all that is in it; what is gone already is no error. */
function remove(at: VolumeDirectory, name: string, permit: Permit): Status {
  const stack: { readonly directory: VolumeDirectory; readonly name: string; entered: boolean }[] = [
    { directory: at, name, entered: false },
  ];
  let status: Status = 0;
  const inner: VolumeDirectory[] = [];
  for (let top = stack.at(-1); top !== undefined && status === 0; top = stack.at(-1)) {
    if (top.entered) {
      inner.pop()?.close();
      status = top.directory.removeDirectory(permit, top.name);
      stack.pop();
      continue;
    }
    const removed = top.directory.unlinkFile(permit, top.name);
    if (removed === 0 || removed === ErrorCode.noEntry) {
      stack.pop();
      continue;
    }
    const directory =
      removed === ErrorCode.isDirectory ? top.directory.openDirectory(permit, top.name) : removed;
    if (typeof directory === 'number') {
      status = directory;
      break;
    }
    top.entered = true;
    inner.push(directory);
    const entries = directory.entries(permit);
    if (typeof entries === 'number') status = entries;
    else for (const entry of entries) stack.push({ directory, name: entry.name, entered: false });
  }
  for (const directory of inner) directory.close();
  return status;
}

function setDirectoryTimes(root: Sides, path: string, permit: Permit): void {
  const stat = emptyStat();
  if (path === '') {
    if (root.from.stat(permit, stat) === 0)
      check(root.to.setTimes(permit, stat.accessed, stat.modified), path);
    return;
  }
  within(root, path, permit, ({ from, to }, name) => {
    const status = from.statAt(permit, name, stat);
    return status === 0 ? to.setTimesAt(permit, name, stat.accessed, stat.modified) : status;
  });
}

function check(status: Status, path: string): void {
  if (status !== 0) throw volumeError('BW_VOLUME_WRITE', path, status);
}
