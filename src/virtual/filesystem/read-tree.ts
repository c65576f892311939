import type { Permit } from '../../kernel/permit.ts';
import { ErrorCode } from '../error-code.ts';
import { emptyStat, FileType, OpenMode, type Stat, type VolumeDirectory, type VolumeFile } from './volume.ts';
import { volumeError } from './volume-error.ts';

/** One name of a tree. All but `path` are only good until the next node is asked for. */
export interface TreeNode {
  /** Relative to where the walk started: names joined by `/`, without one at either end. */
  readonly path: string;
  /** Refilled for each node. Names with the same `inode` are one file (hard links). */
  readonly stat: Stat;
  /** Of a regular file: open for reading, and closed by the walk. */
  readonly file: VolumeFile | undefined;
  /** Of a symbolic link: where it leads, as it stands. */
  readonly target: string | undefined;
}

/** A directory on the way down. */
interface Level {
  readonly directory: VolumeDirectory;
  readonly path: string;
  /** Those that are still to come, the next one last; undefined before it is listed. */
  names: string[] | undefined;
}

/**
 * Walks over everything below a directory, whatever volume it is of: a directory before what is in it, names in the
 * order of their code units. Symlinks are not followed. Devices, FIFOs and sockets have neither file nor target.
 *
 * What somebody else removes meanwhile is left out. Holds one directory open for each level, however the walk ends.
 *
 * @param directory stays open, and is not among the nodes itself
 * @throws VolumeError BW_VOLUME_READ
 */
export function* readTree(directory: VolumeDirectory, permit: Permit): Generator<TreeNode, void, undefined> {
  const levels: Level[] = [{ directory, path: '', names: undefined }];
  const stat = emptyStat();
  try {
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      level.names ??= namesOf(level, permit);
      const name = level.names.pop();
      if (name === undefined) {
        levels.pop();
        if (level.directory !== directory) level.directory.close();
        continue;
      }
      const path = level.path === '' ? name : `${level.path}/${name}`;
      const found = unlessGone(level.directory.statAt(permit, name, stat), path);
      if (found !== undefined) yield* visit(level, name, path, stat, permit);
      if (found !== undefined && stat.type === FileType.directory) {
        const child = unlessGone(level.directory.openDirectory(permit, name), path);
        if (child !== undefined) levels.push({ directory: child, path, names: undefined });
      }
    }
  } finally {
    for (const level of levels) if (level.directory !== directory) level.directory.close();
  }
}

function* visit(
  { directory }: Level,
  name: string,
  path: string,
  stat: Stat,
  permit: Permit,
): Generator<TreeNode, void, undefined> {
  if (stat.type === FileType.symbolicLink) {
    const target = unlessGone(directory.readlink(permit, name), path);
    if (target !== undefined) yield { path, stat, file: undefined, target };
    return;
  }
  if (stat.type !== FileType.regularFile) {
    yield { path, stat, file: undefined, target: undefined };
    return;
  }
  const file = unlessGone(directory.openFile(permit, name, OpenMode.read), path);
  if (file === undefined) return;
  try {
    // Of the file that is open, should the name have changed hands.
    unlessGone(file.stat(permit, stat), path);
    yield { path, stat, file, target: undefined };
  } finally {
    file.close();
  }
}

function namesOf({ directory, path }: Level, permit: Permit): string[] {
  const entries = unlessGone(directory.entries(permit), path) ?? [];
  return entries.map(({ name }) => name).toSorted((a, b) => (a < b ? 1 : -1));
}

/** @returns undefined for what is not there any more */
function unlessGone<Result>(result: Result | ErrorCode, path: string): Result | undefined {
  if (typeof result !== 'number' || result === 0) return result;
  if (result === ErrorCode.noEntry) return undefined;
  throw volumeError('BW_VOLUME_READ', path, result as ErrorCode);
}
