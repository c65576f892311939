import type { Permit } from '../../kernel/permit.ts';
import { ErrorCode, type Status } from '../error-code.ts';
import { isReserved } from './overlay-names.ts';
import { sameContent } from './same-content.ts';
import { emptyStat, FileType, type Stat, type VolumeDirectory } from './volume.ts';
import { volumeError } from './volume-error.ts';

export interface OverlayChange {
  /**
   * Of a directory that is removed only its own path is told, of one that is added everything in it as well. What is
   * replaced by a thing of another type is removed, then added.
   */
  readonly kind: 'added' | 'modified' | 'removed';
  /** Relative to the root of the overlay. */
  readonly path: string;
  /** Of what was removed, or of what there is now. */
  readonly type: FileType;
}

/** One directory three times: as the guest sees it, as it was, and in the layer that holds the changes. */
export interface Views {
  readonly now: VolumeDirectory;
  readonly before: VolumeDirectory | undefined;
  readonly upper: VolumeDirectory;
}

interface Level extends Views {
  readonly path: string;
  /** Those that are still to come, the next one last. */
  readonly names: string[];
}

/**
 * Compares an overlay with its lower layer, a name at a time in the order of code units, a directory before what is in
 * it. Only directories that the upper layer has are looked into.
 *
 * A file that was copied up and has the content and time that it had is not among the changes. A directory is modified
 * when its time changed and no name in it came or went.
 *
 * @param root closed by its giver
 * @throws VolumeError BW_VOLUME_READ
 */
export function compareLayers(root: Views, permit: Permit): OverlayChange[] {
  const changes: OverlayChange[] = [];
  const levels = [levelOf(root, '', permit)];
  try {
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      const name = level.names.pop();
      if (name === undefined) {
        levels.pop();
        if (levels.length > 0) closeAll(level);
        continue;
      }
      const child = compareName(level, name, permit, changes);
      if (child !== undefined) levels.push(child);
    }
  } finally {
    for (const level of levels.slice(1)) closeAll(level);
  }
  return changes;
}

function levelOf(views: Views, path: string, permit: Permit): Level {
  const names = new Set(namesOf(views.now, path, permit));
  if (views.before !== undefined) for (const name of namesOf(views.before, path, permit)) names.add(name);
  return { ...views, path, names: [...names].toSorted((a, b) => (a < b ? 1 : -1)) };
}

/** @returns the directory to look into next */
function compareName(
  level: Level,
  name: string,
  permit: Permit,
  changes: OverlayChange[],
): Level | undefined {
  const path = level.path === '' ? name : `${level.path}/${name}`;
  const [now, before] = [emptyStat(), emptyStat()];
  const has = isThere(level.now.statAt(permit, name, now), path);
  const had = level.before !== undefined && isThere(level.before.statAt(permit, name, before), path);
  const same = has && had && now.type === before.type;
  if (had && !same) changes.push({ kind: 'removed', path, type: before.type });
  if (has && !same) changes.push({ kind: 'added', path, type: now.type });
  // What the upper layer does not have is what it was.
  if (!has || !isThere(level.upper.statAt(permit, name, emptyStat()), path)) return undefined;
  if (now.type === FileType.directory) {
    const child = openAll(level, name, same, path, permit);
    if (same && now.modified !== before.modified && !namesChanged(child))
      changes.push({ kind: 'modified', path, type: now.type });
    return child;
  }
  if (same && isChanged(level, name, [now, before], path, permit))
    changes.push({ kind: 'modified', path, type: now.type });
  return undefined;

  function namesChanged({ now: directory, before: old, names }: Level): boolean {
    const scratch = emptyStat();
    return names.some(
      (entry) => directory.statAt(permit, entry, scratch) !== 0 || old?.statAt(permit, entry, scratch) !== 0,
    );
  }
}

function isChanged(
  { now, before }: Level,
  name: string,
  [stat, old]: readonly [Stat, Stat],
  path: string,
  permit: Permit,
): boolean {
  if (stat.modified !== old.modified || stat.size !== old.size) return true;
  const was = before as VolumeDirectory;
  if (stat.type === FileType.symbolicLink) return now.readlink(permit, name) !== was.readlink(permit, name);
  return !sameContent(now, was, name, path, permit);
}

function openAll(level: Level, name: string, same: boolean, path: string, permit: Permit): Level {
  const opened: VolumeDirectory[] = [];
  const open = (directory: VolumeDirectory): VolumeDirectory => {
    const child = directory.openDirectory(permit, name);
    if (typeof child === 'number') throw volumeError('BW_VOLUME_READ', path, child);
    opened.push(child);
    return child;
  };
  try {
    const now = open(level.now);
    const upper = open(level.upper);
    const before = same && level.before !== undefined ? open(level.before) : undefined;
    return levelOf({ now, before, upper }, path, permit);
  } catch (error) {
    for (const directory of opened) directory.close();
    throw error;
  }
}

function closeAll({ now, before, upper }: Views): void {
  now.close();
  before?.close();
  upper.close();
}

function namesOf(directory: VolumeDirectory, path: string, permit: Permit): string[] {
  const entries = directory.entries(permit);
  if (typeof entries === 'number') throw volumeError('BW_VOLUME_READ', path, entries);
  return entries.flatMap(({ name }) => (isReserved(name) ? [] : name));
}

function isThere(status: Status, path: string): boolean {
  if (status !== 0 && status !== ErrorCode.noEntry) throw volumeError('BW_VOLUME_READ', path, status);
  return status === 0;
}
