import type { PathMatcher, PathState } from '../../kernel/path-matcher.ts';
import type { Guard } from '../../kernel/guard.ts';
import type { Permit } from '../../kernel/permit.ts';
import type { Operation } from '../../kernel/request.ts';
import { ErrorCode, type Status } from '../error-code.ts';
import type { Descriptor } from './descriptor.ts';
import { below, type MountTree } from './mount-tree.ts';
import type { Mount, MountRules } from './mount.ts';
import {
  checkPath,
  exceedsBytes,
  isPlainName,
  MAX_NAME_BYTES,
  MAX_PATH_BYTES,
  plainLastName,
} from './path.ts';
import { bitsFor, passage, refusal } from './rights.ts';
import type { VolumeDirectory } from './volume.ts';
import { WalkStates } from './walk-states.ts';

/** Symlinks that one path may lead through, as on Linux. */
const MAX_SYMLINKS = 40;

/** What an operation does with what its path names, as far as the rule's patterns are concerned: bits. */
export const Reach = {
  /** Looks: the path must be granted, or be a directory on the way to what is. */
  look: 0,
  /** Changes: the path itself must be granted. */
  change: 1,
  /** Makes something: where nothing shows, "absent" would be no answer. */
  create: 3,
} as const;
export type Reach = (typeof Reach)[keyof typeof Reach];

/**
 * Resolves a path to a directory and the last name in it, component by component and inside the descriptor that the
 * path is relative to, as cap-std does: `..` steps back to a directory that the walk came through and never above its
 * start; an absolute path or symlink target leads nowhere. The last name is not followed; {@link follow} does that.
 *
 * Where the rule has patterns, the walk keeps to them: what they leave out is not even looked at, because whether it is
 * there must not show.
 *
 * Made for reuse: one call at a time, `release` after each.
 */
export class PathWalk {
  readonly #guard: Guard;
  /** Directories that the walk opened, the innermost last; their parents stay open for `..`. */
  readonly #opened: VolumeDirectory[] = [];
  /** The trees of the directories that `#opened` covered, in step with it. */
  readonly #trees: (MountTree | undefined)[] = [];
  readonly #states = new WalkStates();
  #base: VolumeDirectory | undefined;
  #baseIsOurs = false;
  #links = 0;
  /** `directory` was reached in one step, see {@link VolumeDirectory.openDescendant}. */
  #jumped = false;
  #reach: Reach = Reach.look;
  #startDepth = 0;
  #operation: Operation = 'open-at';
  #subject = '';

  /** Bits of `Access` and `Need` that the operation asks of the mount that the path comes to; set before `start`. */
  need = 0;
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
  /** The path came to what the rule's patterns leave out. */
  forbidden = false;
  /** The bound of the rule that the path passed. */
  exceeded: 'nameLength' | 'pathLength' | 'depth' | undefined;

  constructor(guard: Guard) {
    this.#guard = guard;
  }

  /** @param base the open directory of `at` */
  start(
    at: Descriptor,
    base: VolumeDirectory,
    permit: Permit,
    operation: Operation,
    path: string,
    reach: Reach,
  ): Status {
    const { rules } = at.mount;
    this.mount = at.mount;
    this.permit = permit;
    this.directory = base;
    this.tree = at.tree;
    this.slash = false;
    this.escaped = false;
    this.forbidden = false;
    this.exceeded = undefined;
    this.#links = 0;
    this.#jumped = false;
    this.#reach = reach;
    this.#startDepth = at.depth;
    this.#states.start(rules.paths, at.state);
    if (at.tree === undefined && isPlainName(path) && path.length * 3 <= rules.nameBytes) {
      this.name = path;
      return rules.paths === undefined ? 0 : this.#admitName(rules.paths);
    }
    this.#base = base;
    this.#operation = operation;
    this.#subject = path;
    return isUnbounded(rules) && this.#jump(path) ? 0 : this.#walk(path);
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
    const from = this.mount;
    const status = this.#walk(this.slash ? `${target}/` : target);
    return status === 0 && this.mount !== from ? this.admit() : status;
  }

  /** Asks the grant of the mount that the path has come to: on the way only for passage was asked. */
  admit(): Status {
    const { grant } = this.mount;
    const bits = bitsFor(grant, this.need);
    const permit = this.#guard.permit(grant, bits, this.#operation, this.#subject);
    if (permit === undefined) return refusal(grant, bits);
    this.permit = permit;
    return 0;
  }

  /** Whether the patterns grant what the path names, not only the way to something below it. */
  get granted(): boolean {
    const { paths } = this.mount.rules;
    return paths === undefined || paths.grants(this.#state());
  }

  /** Whether they grant it with everything below it. */
  get grantedWhole(): boolean {
    const { paths } = this.mount.rules;
    return paths === undefined || paths.grantsAll(this.#state());
  }

  /** @returns the state of what the path names, to be kept by a descriptor */
  stateToKeep(): PathState | undefined {
    return this.mount.rules.paths === undefined ? undefined : this.#state().slice();
  }

  /** Names from the mount down to `directory`. */
  get depth(): number {
    return this.#startDepth + this.#opened.length;
  }

  /** Notes that the patterns leave the path out. @returns what the guest is told, whether it exists or not */
  forbid(): ErrorCode {
    this.forbidden = true;
    const hidden = this.mount.rules.conceal && this.#reach !== Reach.create;
    return hidden ? ErrorCode.noEntry : ErrorCode.notPermitted;
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
      else if (exceedsBytes(name, this.mount.rules.nameBytes)) status = this.#exceed('nameLength');
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
    const { paths } = this.mount.rules;
    return paths === undefined ? 0 : this.#admitName(paths);
  }

  #admitName(paths: PathMatcher): Status {
    const state = this.name === '' ? this.#states.directory : this.#states.name(this.name);
    const admitted = this.#reach === Reach.look ? paths.leads(state) : paths.grants(state);
    return admitted ? 0 : this.forbid();
  }

  #state(): PathState {
    return this.name === '' ? this.#states.directory : this.#states.lastName;
  }

  #check(path: string): Status {
    const status = checkPath(path, this.mount.rules.pathBytes);
    if (status === ErrorCode.notPermitted) this.escaped = true;
    return status === ErrorCode.nameTooLong ? this.#exceed('pathLength') : status;
  }

  #exceed(bound: 'nameLength' | 'pathLength'): ErrorCode {
    this.exceeded = bound;
    return ErrorCode.nameTooLong;
  }

  /** @returns a symlink's target, or '' when `name` has become something else meanwhile: the caller looks again */
  #readlink(name: string): string | ErrorCode {
    if (++this.#links > MAX_SYMLINKS) return ErrorCode.loop;
    const target = this.directory.readlink(this.permit, name);
    return target === ErrorCode.invalid ? '' : target;
  }

  #enter(name: string): Status {
    const { paths } = this.mount.rules;
    if (paths !== undefined && !paths.leads(this.#states.enter(name))) return this.#forbidEntry();
    const directory = this.directory.openDirectory(this.permit, name);
    if (typeof directory === 'number') return this.#refuseEntry(directory);
    this.#opened.push(directory);
    this.#trees.push(this.tree);
    this.directory = directory;
    this.tree = below(this.tree?.children.get(name));
    return 0;
  }

  /** A name on the way that is no directory must not tell whether it is there. */
  #refuseEntry(code: ErrorCode): ErrorCode {
    const { paths } = this.mount.rules;
    if (paths === undefined) return code;
    const granted = paths.grants(this.#states.directory);
    if (code === ErrorCode.loop || granted) {
      this.#states.leave();
      return code;
    }
    return this.#forbidEntry();
  }

  #forbidEntry(): ErrorCode {
    this.#states.leave();
    return this.forbid();
  }

  #leave(): Status {
    const left = this.#opened.pop();
    if (left === undefined) {
      this.escaped = true;
      return ErrorCode.notPermitted;
    }
    left.close();
    this.#states.leave();
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
    this.#startDepth = 0;
    this.#states.start(mount.rules.paths, mount.rules.paths?.root);
    return 0;
  }
}

const SLASH = 47;

/** Whether nothing is asked of the names on the way. */
function isUnbounded({ paths, nameBytes, pathBytes, depth }: MountRules): boolean {
  return (
    paths === undefined && depth === Infinity && nameBytes === MAX_NAME_BYTES && pathBytes === MAX_PATH_BYTES
  );
}
