import type { Guard } from '../../kernel/guard.ts';
import type { Permit } from '../../kernel/permit.ts';
import type { Operation } from '../../kernel/request.ts';
import { ErrorCode, type Status } from '../error-code.ts';
import type { Descriptor } from './descriptor.ts';
import type { Mount } from './mount.ts';
import { PathWalk, type Reach } from './resolve.ts';
import { MAX_NAME_BYTES, MAX_PATH_BYTES } from './path.ts';
import { bitsFor, passage, refusal } from './rights.ts';
import { type DirectoryEntry, emptyStat, FileType, type Stat, type VolumeDirectory } from './volume.ts';

/** What the operations on paths share: asking the guard, walking the path, and one view over several mounts. */
export class PathAccess {
  readonly guard: Guard;
  /** For the path of an operation, and for the second one of rename and link. */
  readonly walk: PathWalk;
  readonly toWalk: PathWalk;
  /** For looking at what a name is; filled and read at once, never kept. */
  readonly scratch: Stat = emptyStat();
  /** Added to the inode numbers of a mount: volumes count from 1, and an instance's numbers must not meet. */
  readonly #inodeBase: ReadonlyMap<Mount, bigint> | undefined;

  constructor(mounts: readonly Mount[], guard: Guard) {
    this.guard = guard;
    this.walk = new PathWalk(guard);
    this.toWalk = new PathWalk(guard);
    if (mounts.length > 1) this.#inodeBase = new Map(mounts.map((mount, i) => [mount, BigInt(i) << 48n]));
  }

  /**
   * Asks the guard and resolves `path` up to its last name. After 0 the caller releases the walk.
   *
   * @param need bits of `Access` and `Need`
   */
  begin(
    walk: PathWalk,
    at: Descriptor,
    path: string,
    need: number,
    operation: Operation,
    reach: Reach,
  ): Status {
    if (at.closed) return ErrorCode.badDescriptor;
    if (at.file !== undefined) return ErrorCode.notDirectory;
    // With mounts below, only the walk tells whose grant decides; until then any word of this one lets it pass.
    const bits = at.tree === undefined ? bitsFor(at.grant, need) : passage(at.grant);
    const permit = this.guard.permit(at.grant, bits, operation, path);
    if (permit === undefined) return refusal(at.grant, bits);
    const base = this.directoryOf(at, permit);
    if (typeof base === 'number') return base;
    walk.need = need;
    let status = walk.start(at, base, permit, operation, path, reach);
    if (status === 0 && at.tree !== undefined) status = walk.admit();
    return status === 0 ? 0 : this.end(walk, status, operation, path);
  }

  /**
   * Ends a walk: closes its directories, and puts on record when the path tried to leave its descriptor, came to what
   * the rule leaves out, or passed a bound or the volume's quota.
   */
  end<Result>(walk: PathWalk, result: Result, operation: Operation, path: string): Result {
    walk.release();
    if (walk.escaped) this.guard.refuse(operation, path);
    else if (walk.forbidden) this.guard.refusePath(walk.mount.grant, operation, path);
    else if (walk.exceeded !== undefined) this.#recordBound(walk.exceeded, walk.mount, operation, path);
    else if ((result as unknown) === ErrorCode.quota)
      this.settle(ErrorCode.quota, walk.mount, operation, path);
    return result;
  }

  /** @returns 0, or that something new in the walk's directory would lie too deep */
  admitNew(walk: PathWalk): Status {
    if (walk.depth + 1 <= walk.mount.rules.depth) return 0;
    walk.exceeded = 'depth';
    return ErrorCode.quota;
  }

  /** Asks for more of the grant that the walk has come to. */
  permit(walk: PathWalk, need: number, operation: Operation, path: string): Status {
    const bits = bitsFor(walk.mount.grant, need);
    return this.guard.admit(walk.mount.grant, bits, operation, path) ? 0 : refusal(walk.mount.grant, bits);
  }

  /** @returns the open directory of a descriptor; a preopen's is opened on first use. */
  directoryOf(descriptor: Descriptor, permit: Permit): VolumeDirectory | ErrorCode {
    if (descriptor.directory !== undefined) return descriptor.directory;
    const root = descriptor.mount.volume.openRoot(permit);
    if (typeof root !== 'number') descriptor.directory = root;
    return root;
  }

  /** Puts a passed quota on record. */
  settle<Code extends Status>(status: Code, mount: Mount, operation: Operation, path: string): Code {
    const quota = status === ErrorCode.quota ? mount.volume.quota : undefined;
    if (quota?.exceeded === undefined) return status;
    const { quota: passed, bound } = quota.exceeded;
    quota.exceeded = undefined;
    const owner = passed === quota ? mount.grant.id : 'limits.filesystem';
    this.guard.limited(`${owner} quota.${bound}`, passed.limits[bound], operation, path);
    return status;
  }

  /**
   * Makes the inode number of `out` unique among mounts, and of its times what the guest may see. Links and size of a
   * directory tell how much is in it, also of what the rule's patterns leave out: with patterns they are as on Btrfs,
   * which counts no directories, and 0.
   */
  place(mount: Mount, out: Stat): Status {
    mount.rules.showTimes?.(out);
    if (mount.rules.paths !== undefined && out.type === FileType.directory) {
      out.linkCount = 1;
      out.size = 0;
    }
    if (this.#inodeBase !== undefined) out.inode += this.#inodeBase.get(mount) ?? 0n;
    return 0;
  }

  /** Entries as this instance sees them: mount points cover what lies under them. */
  placeEntries(directory: Descriptor, entries: DirectoryEntry[]): DirectoryEntry[] {
    const visible = this.#granted(directory, entries);
    const base = this.#inodeBase?.get(directory.mount);
    if (base === undefined) return visible;
    const points = directory.tree?.children;
    const placed = visible
      .filter(({ name }) => points?.get(name)?.mount === undefined)
      .map(({ name, type, inode }) => ({ name, type, inode: inode + base }));
    for (const [name, point] of points ?? []) {
      // 0 is "unknown": to ask the other volume would be a use of its grant.
      if (point.mount !== undefined) placed.push({ name, type: FileType.directory, inode: 0n });
    }
    return placed;
  }

  /** Leaves out what the rule's patterns leave out; directories on the way to what they grant stay. */
  #granted(directory: Descriptor, entries: DirectoryEntry[]): DirectoryEntry[] {
    const { paths } = directory.mount.rules;
    const { state } = directory;
    if (paths === undefined || state === undefined) return entries;
    const child = paths.newState();
    return entries.filter(({ name, type }) => {
      paths.step(state, name, child);
      return type === FileType.directory ? paths.leads(child) : paths.grants(child);
    });
  }

  #recordBound(
    bound: NonNullable<PathWalk['exceeded']>,
    { grant, rules }: Mount,
    operation: Operation,
    path: string,
  ): void {
    const value = { nameLength: rules.nameBytes, pathLength: rules.pathBytes, depth: rules.depth }[bound];
    const systems = { nameLength: MAX_NAME_BYTES, pathLength: MAX_PATH_BYTES, depth: Infinity }[bound];
    // What no file system would take is the guest's own mistake.
    if (value < systems) this.guard.limited(`${grant.id} quota.${bound}`, value, operation, path);
  }
}
