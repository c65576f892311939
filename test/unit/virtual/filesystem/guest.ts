import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HostVolume } from '../../../../src/ambient/host-volume.ts';
import { accessBits } from '../../../../src/kernel/access.ts';
import { Grant } from '../../../../src/kernel/grant.ts';
import { Guard } from '../../../../src/kernel/guard.ts';
import { DEFAULT_LIMITS, type Limits, Meter } from '../../../../src/kernel/meter.ts';
import type { Permit } from '../../../../src/kernel/permit.ts';
import type { Request } from '../../../../src/kernel/request.ts';
import { ACCESS_WORDS, type AccessWord } from '../../../../src/policy/index.ts';
import { ErrorCode } from '../../../../src/virtual/error-code.ts';
import {
  type Descriptor,
  DescriptorFlags,
  OpenFlags,
} from '../../../../src/virtual/filesystem/descriptor.ts';
import { Filesystem } from '../../../../src/virtual/filesystem/filesystem.ts';
import { MemoryVolume } from '../../../../src/virtual/filesystem/memory-volume.ts';
import { Mount, type MountRules } from '../../../../src/virtual/filesystem/mount.ts';
import { OverlayVolume } from '../../../../src/virtual/filesystem/overlay-volume.ts';
import { DEFAULT_MEMORY_QUOTA, Quota, type QuotaLimits } from '../../../../src/virtual/filesystem/quota.ts';
import { emptyStat, FileType, type Stat, type Volume } from '../../../../src/virtual/filesystem/volume.ts';

const NAMES = new Map<number, string>(Object.entries(ErrorCode).map(([name, code]) => [code, name]));
const TYPES = new Map<number, string>(Object.entries(FileType).map(([name, type]) => [type, name]));

/** What happened: `ok`, or the name of the error code. */
export function nameOf(status: number): string {
  return status === 0 ? 'ok' : (NAMES.get(Math.abs(status)) ?? `unknown ${status}`);
}

export interface TestMount {
  readonly path: string;
  readonly volume: Volume;
  readonly access?: readonly AccessWord[];
  readonly rules?: Partial<MountRules>;
}

export interface TestRecord {
  readonly kind: 'used' | 'denied' | 'limited';
  readonly grant?: string | undefined;
  readonly limit?: string;
  readonly value?: number;
  readonly request: Request;
}

/** A guest's view of a file system, in words: paths in, names of error codes out. */
export class Guest {
  readonly records: TestRecord[] = [];
  readonly grants: Grant[];
  readonly guard: Guard;
  readonly meter: Meter;
  readonly filesystem: Filesystem;
  readonly root: Descriptor;

  constructor(mounts: readonly TestMount[], limits: Partial<Limits> = {}) {
    this.guard = new Guard(
      {
        used: (grant, request) => this.records.push({ kind: 'used', grant: grant.id, request }),
        denied: (grant, request) => this.records.push({ kind: 'denied', grant: grant?.id, request }),
        owned: () => undefined,
        limited: (limit, value, request) =>
          this.records.push({ kind: 'limited', limit, value, request: request as Request }),
      },
      'first',
    );
    this.meter = new Meter({ ...DEFAULT_LIMITS, ...limits });
    this.grants = mounts.map(
      ({ path, access = ACCESS_WORDS }) => new Grant(`fs${path}`, 'filesystem', accessBits(access), {}),
    );
    this.filesystem = new Filesystem(
      mounts.map(({ path, volume, rules }, i) => new Mount(path, this.grants[i] as Grant, volume, rules)),
      this.guard,
      this.meter,
    );
    this.root = this.preopen(0);
  }

  preopen(index: number): Descriptor {
    const preopen = this.filesystem.preopens[index];
    if (preopen === undefined) throw new Error(`no preopen ${index}`);
    return preopen.descriptor;
  }

  /** Denials and limits on record so far. */
  get refusals(): TestRecord[] {
    return this.records.filter(({ kind }) => kind !== 'used');
  }

  /** @param how letters: r(ead) w(rite) m(utate-directory) c(reate) d(irectory) x(clusive) t(runcate) n(o follow) */
  tryOpen(path: string, how = 'r', at: Descriptor = this.root): Descriptor | ErrorCode {
    const bit = (letter: string, flag: number): number => (how.includes(letter) ? flag : 0);
    const openFlags =
      bit('c', OpenFlags.create) |
      bit('d', OpenFlags.directory) |
      bit('x', OpenFlags.exclusive) |
      bit('t', OpenFlags.truncate);
    const flags =
      bit('r', DescriptorFlags.read) |
      bit('w', DescriptorFlags.write) |
      bit('m', DescriptorFlags.mutateDirectory);
    return this.filesystem.openAt(at, !how.includes('n'), path, openFlags, flags);
  }

  open(path: string, how = 'r', at: Descriptor = this.root): Descriptor {
    const opened = this.tryOpen(path, how, at);
    if (typeof opened === 'number')
      throw new Error(`open ${JSON.stringify(path)} (${how}): ${nameOf(opened)}`);
    return opened;
  }

  /** Opens and closes again. */
  opening(path: string, how = 'r', at: Descriptor = this.root): string {
    const opened = this.tryOpen(path, how, at);
    if (typeof opened === 'number') return nameOf(opened);
    const kind = opened.file === undefined ? 'directory' : 'file';
    this.filesystem.close(opened);
    return kind;
  }

  write(file: Descriptor, text: string | Uint8Array, position = 0): number {
    const bytes = typeof text === 'string' ? Buffer.from(text) : text;
    return this.filesystem.write(file, bytes, 0, bytes.length, position);
  }

  append(file: Descriptor, text: string): number {
    const bytes = Buffer.from(text);
    return this.filesystem.append(file, bytes, 0, bytes.length);
  }

  read(file: Descriptor, length = 65_536, position = 0): string {
    const bytes = new Uint8Array(length);
    const count = this.filesystem.read(file, bytes, 0, length, position);
    return count < 0 ? nameOf(count) : Buffer.from(bytes.subarray(0, count)).toString();
  }

  /** Writes a whole file. */
  put(path: string, text: string | Uint8Array, at: Descriptor = this.root): string {
    const file = this.tryOpen(path, 'wct', at);
    if (typeof file === 'number') return nameOf(file);
    const count = this.write(file, text);
    this.filesystem.close(file);
    return count < 0 ? nameOf(count) : 'ok';
  }

  /** Reads a whole file. */
  get(path: string, at: Descriptor = this.root): string {
    const file = this.tryOpen(path, 'r', at);
    if (typeof file === 'number') return nameOf(file);
    const text = this.read(file);
    this.filesystem.close(file);
    return text;
  }

  statOf(path: string, follow = true): Stat {
    const out = emptyStat();
    const status = this.filesystem.statAt(this.root, follow, path, out);
    if (status !== 0) throw new Error(`stat ${path}: ${nameOf(status)}`);
    return out;
  }

  fstat(descriptor: Descriptor): Stat {
    const out = emptyStat();
    const status = this.filesystem.stat(descriptor, out);
    if (status !== 0) throw new Error(`stat: ${nameOf(status)}`);
    return out;
  }

  /** @returns the type, or the error code */
  type(path: string, follow = true): string {
    const out = emptyStat();
    const status = this.filesystem.statAt(this.root, follow, path, out);
    return status === 0 ? (TYPES.get(out.type) ?? '?') : nameOf(status);
  }

  mkdir(path: string, at: Descriptor = this.root): string {
    return nameOf(this.filesystem.createDirectoryAt(at, path));
  }

  rmdir(path: string, at: Descriptor = this.root): string {
    return nameOf(this.filesystem.removeDirectoryAt(at, path));
  }

  unlink(path: string, at: Descriptor = this.root): string {
    return nameOf(this.filesystem.unlinkFileAt(at, path));
  }

  rename(path: string, toPath: string, to: Descriptor = this.root): string {
    return nameOf(this.filesystem.renameAt(this.root, path, to, toPath));
  }

  link(path: string, toPath: string, to: Descriptor = this.root): string {
    return nameOf(this.filesystem.linkAt(this.root, false, path, to, toPath));
  }

  symlink(target: string, path: string): string {
    return nameOf(this.filesystem.symlinkAt(this.root, target, path));
  }

  readlink(path: string): string {
    const target = this.filesystem.readlinkAt(this.root, path);
    return typeof target === 'string' ? `-> ${target}` : nameOf(target);
  }

  times(path: string, accessed: bigint | undefined, modified: bigint | undefined, follow = true): string {
    return nameOf(this.filesystem.setTimesAt(this.root, follow, path, accessed, modified));
  }

  list(path = '.', at: Descriptor = this.root): string[] {
    const directory = this.open(path, 'rd', at);
    const entries = this.filesystem.readDirectory(directory);
    this.filesystem.close(directory);
    if (typeof entries === 'number') throw new Error(nameOf(entries));
    return entries.map(({ name }) => name).toSorted();
  }

  /** Everything below a directory: path, and content or link target. */
  tree(path = '.'): Record<string, string> {
    const found: Record<string, string> = {};
    for (const name of this.list(path)) {
      const child = path === '.' ? name : `${path}/${name}`;
      const type = this.type(child, false);
      if (type === 'directory') Object.assign(found, { [`${child}/`]: '' }, this.tree(child));
      else found[child] = type === 'symbolicLink' ? linkText(this.readlink(child)) : `= ${this.get(child)}`;
    }
    return found;
  }
}

/** An absolute target is not told to a guest. */
function linkText(readlink: string): string {
  return readlink === 'notPermitted' ? '-> (absolute)' : readlink;
}

/** A permit that a guard made, for calls to a volume itself. */
export function permitOf(guest: Guest): Permit {
  const grant = guest.grants[0] as Grant;
  const permit = guest.guard.permit(grant, grant.access & -grant.access, 'open-at', '.');
  if (permit === undefined) throw new Error('denied');
  return permit;
}

/**
 * `checked` is a host directory that is confined by checked paths; an overlay has memory volumes or host directories for
 * both of its layers.
 */
export const VOLUME_KINDS = ['memory', 'host', 'checked', 'overlay', 'overlay on host'] as const;
export type VolumeKind = (typeof VOLUME_KINDS)[number];

export interface VolumeUnderTest {
  readonly kind: VolumeKind;
  readonly volume: Volume;
  dispose(): void;
}

/** Ten o'clock, in nanoseconds. */
export const TEN = 36_000_000_000_000n;

/** @param fill what is there at first: in an overlay it is in the lower layer, and the limits are of the upper one */
export function makeVolume(
  kind: VolumeKind,
  limits?: Partial<QuotaLimits>,
  fill?: (guest: Guest) => void,
): VolumeUnderTest {
  if (kind === 'overlay' || kind === 'overlay on host') return makeOverlay(kind, limits, fill);
  const under = kind === 'memory' ? makeMemory(limits) : makeHost(kind, limits);
  if (fill !== undefined) filled(under.volume, fill);
  return under;
}

function makeOverlay(
  kind: 'overlay' | 'overlay on host',
  limits: Partial<QuotaLimits> | undefined,
  fill: ((guest: Guest) => void) | undefined,
): VolumeUnderTest {
  const layer = kind === 'overlay' ? 'memory' : 'host';
  const lower = makeVolume(layer, undefined, fill);
  const upper = makeVolume(layer, limits);
  const volume = new OverlayVolume({ lower: lower.volume, upper: upper.volume });
  return {
    kind,
    volume,
    dispose: () => {
      volume.close();
      lower.dispose();
      upper.dispose();
    },
  };
}

function makeMemory(limits: Partial<QuotaLimits> | undefined): VolumeUnderTest {
  const volume = new MemoryVolume({ now: () => TEN, quota: new Quota(limits ?? DEFAULT_MEMORY_QUOTA) });
  return { kind: 'memory', volume, dispose: () => volume.close() };
}

function makeHost(kind: 'host' | 'checked', limits: Partial<QuotaLimits> | undefined): VolumeUnderTest {
  const directory = mkdtempSync(join(tmpdir(), 'bailiwick-volume-'));
  const confinement = kind === 'checked' ? 'checked-paths' : 'race-free';
  const volume = new HostVolume(directory, { quota: limits && new Quota(limits), confinement });
  return {
    kind,
    volume,
    dispose: () => {
      volume.close();
      rmSync(directory, { recursive: true });
    },
  };
}

/** The guest's preopen is closed again; the volume stays open. */
function filled(volume: Volume, fill: (guest: Guest) => void): void {
  const guest = new Guest([{ path: '/', volume }]);
  fill(guest);
  guest.filesystem.close(guest.root);
}
