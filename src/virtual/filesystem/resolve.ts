import type { Guard } from '../../kernel/guard.ts';
import type { Permit } from '../../kernel/permit.ts';
import type { Operation } from '../../kernel/request.ts';
import { ErrorCode, type Status } from '../error-code.ts';
import type { Descriptor } from './descriptor.ts';
import { below, type MountTree } from './mount-tree.ts';
import type { Mount } from './mount.ts';
import { checkPath, exceedsBytes, isPlainName, MAX_NAME_BYTES, plainLastName } from './path.ts';
import { passage, refusal } from './rights.ts';
import type { VolumeDirectory } from './volume.ts';

/** Symlinks that one path may lead through, as on Linux. */
const MAX_SYMLINKS = 40;

/**
 * Resolves a path to a directory and the last name in it, component by component and inside the descriptor that the
 * path is relative to, as cap-std does: `..` steps back to a directory that the walk came through and never above its
 * start; an absolute path or symlink target leads nowhere. The last name is not followed; {@link follow} does that.
 *
 * Made for reuse: one call at a time, `release` after each.
 */
export class PathWalk {
  readonly #guard: Guard;
  /** Directories that the walk opened, the innermost last; their parents stay open for `..`. */
  readonly #opened: VolumeDirectory[] = [];
  /** The trees of the directories that `#opened` covered, in step with it. */
  readonly #trees: (MountTree | undefined)[] = [];
  #base: VolumeDirectory | undefined;
  #baseIsOurs = false;
  #links = 0;
  /** `directory` was reached in one step, see {@link VolumeDirectory.openDescendant}. */
  #jumped = false;
  #operation: Operation = 'open-at';
  #subject = '';

  mount!: Mount;
  permit!: Permit;
  /** Where the last name lies. */
  directory!: VolumeDirectory;
  tree: MountTree | undefined;
  /** The last component; empty when the path names `directory` itself (`.`, `a/..`, a mount point). */
  name = '';
  /** The path ended in a slash: it can only name a directory. */
  slash = false;
  /** The path tried to leave its descriptor. */
  escaped = false;

  constructor(guard: Guard) {
    this.#guard = guard;
  }

  /** @param base the open directory of `at` */
  start(at: Descriptor, base: VolumeDirectory, permit: Permit, operation: Operation, path: string): Status {
    this.mount = at.mount;
    this.permit = permit;
    this.directory = base;
    this.tree = at.tree;
    this.slash = false;
    this.escaped = false;
    this.#links = 0;
    this.#jumped = false;
    if (at.tree === undefined && isPlainName(path)) {
      this.name = path;
      return 0;
    }
    this.#base = base;
    this.#operation = operation;
    this.#subject = path;
    return this.#jump(path) ? 0 : this.#walk(path);
  }

  /** Goes on through the symlink that `name` is. If it has become something else, the walk stays where it is. */
  follow(): Status {
    // `..` in the target has to come by every directory on the way here, and the jump passed over them.
    if (this.#jumped) {
      this.#jumped = false;
      this.directory = this.#base as VolumeDirectory;
      this.#opened.pop()?.close();
      this.#trees.pop();
      return this.#walk(this.#subject);
    }
    const target = this.#readlink(this.name);
    if (typeof target === 'number') return target;
    if (target === '') return 0;
    this.#base ??= this.directory;
    return this.#walk(this.slash ? `${target}/` : target);
  }

  /** Closes what the walk opened. */
  release(): void {
    while (this.#opened.length > 0) this.#opened.pop()?.close();
    this.#trees.length = 0;
    if (this.#baseIsOurs) this.#base?.close();
    this.#baseIsOurs = false;
    this.#base = undefined;
  }

  /** Comes to the last name in one step, where all before it are plain and no mount lies below. */
  #jump(path: string): boolean {
    const { directory: base } = this;
    const start = base.openDescendant === undefined || this.tree !== undefined ? -1 : plainLastName(path);
    const directory = start > 0 ? base.openDescendant?.(this.permit, path.slice(0, start - 1)) : undefined;
    if (directory === undefined) return false;
    this.#opened.push(directory);
    this.#trees.push(undefined);
    this.directory = directory;
    this.name = path.slice(start);
    return (this.#jumped = true);
  }

  #walk(path: string): Status {
    let rest = path;
    let next = 0;
    let status = this.#check(rest);
    while (status === 0) {
      const start = next;
      let end = rest.indexOf('/', start);
      if (end === -1) end = rest.length;
      const name = rest.slice(start, end);
      next = end;
      while (rest.charCodeAt(next) === SLASH) next++;
      const last = next >= rest.length;
      const point = this.tree?.children.get(name);
      if (name === '..') status = this.#leave();
      else if (point?.mount !== undefined) status = this.#cross(point, point.mount);
      else if (exceedsBytes(name, MAX_NAME_BYTES)) status = ErrorCode.nameTooLong;
      else if (name !== '.' && last) return this.#arrive(name, end < rest.length);
      else if (name !== '.') status = this.#enter(name);
      if (status === ErrorCode.loop) {
        const target = this.#readlink(name);
        if (typeof target === 'number') return target;
        status = target === '' ? 0 : this.#check(target);
        // Not a symlink any more: the same name again.
        rest = target === '' ? rest.slice(start) : `${target}/${rest.slice(next)}`;
        next = 0;
      } else if (last && status === 0) return this.#arrive('', true);
    }
    return status;
  }

  #arrive(name: string, slash: boolean): Status {
    this.name = name;
    this.slash = slash;
    return 0;
  }

  #check(path: string): Status {
    const status = checkPath(path);
    if (status === ErrorCode.notPermitted) this.escaped = true;
    return status;
  }

  /** @returns a symlink's target, or '' when `name` has become something else meanwhile: the caller looks again */
  #readlink(name: string): string | ErrorCode {
    if (++this.#links > MAX_SYMLINKS) return ErrorCode.loop;
    const target = this.directory.readlink(this.permit, name);
    return target === ErrorCode.invalid ? '' : target;
  }

  #enter(name: string): Status {
    const directory = this.directory.openDirectory(this.permit, name);
    if (typeof directory === 'number') return directory;
    this.#opened.push(directory);
    this.#trees.push(this.tree);
    this.directory = directory;
    this.tree = below(this.tree?.children.get(name));
    return 0;
  }

  #leave(): Status {
    const left = this.#opened.pop();
    if (left === undefined) {
      this.escaped = true;
      return ErrorCode.notPermitted;
    }
    left.close();
    this.directory = this.#opened.at(-1) ?? (this.#base as VolumeDirectory);
    this.tree = this.#trees.pop();
    return 0;
  }

  /** Goes on in another mount. Its root is the new floor: `..` and symlinks never lead out of a mount. */
  #cross(point: MountTree, mount: Mount): Status {
    const bits = passage(mount.grant);
    const permit = this.#guard.permit(mount.grant, bits, this.#operation, this.#subject);
    if (permit === undefined) return refusal(mount.grant, bits);
    const root = mount.volume.openRoot(permit);
    if (typeof root === 'number') return root;
    this.release();
    this.#base = root;
    this.#baseIsOurs = true;
    this.mount = mount;
    this.permit = permit;
    this.directory = root;
    this.tree = below(point);
    return 0;
  }
}

const SLASH = 47;
