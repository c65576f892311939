import { fstatSync, openSync, statSync } from 'node:fs';
import { BindingError } from '../errors.ts';
import { Permit } from '../kernel/permit.ts';
import { ErrorCode } from '../virtual/error-code.ts';
import type { Quota } from '../virtual/filesystem/quota.ts';
import type { Volume, VolumeDirectory } from '../virtual/filesystem/volume.ts';
import type { HostContext } from './host-volume-context.ts';
import { Descendants } from './host-volume-descendants.ts';
import { HostDirectory } from './host-volume-directory.ts';
import { HostInodes } from './host-volume-inodes.ts';
import type { HostVolumeOptions } from '../virtual/machine.ts';
import { OFF_THREAD_FROM } from './host-volume-off-thread.ts';
import { CheckedPlace } from './host-volume-checked-place.ts';
import { DescriptorPlace, type Place } from './host-volume-place.ts';
import { closeQuietly, findDescriptors, pathOf, REOPEN_FLAGS } from './host-volume-proc.ts';

/**
 * A directory of the host.
 *
 * Race-free, unless the embedder asks for the weaker {@link CheckedPlace}: no path that the host resolves has more than one component below an open descriptor, and
 * none of those is followed, so that nobody who moves directories and symlinks about meanwhile leads a guest out.
 *
 * That takes `/proc/self/fd` (Node.js has no openat), and so Linux.
 */
export class HostVolume implements Volume {
  readonly quota: Quota | undefined;
  readonly offThread: boolean;
  readonly #context: HostContext;
  readonly #root: Place;
  #closed = false;

  /** @returns whether this system can confine a guest to a directory. */
  static supported(): boolean {
    return (isSupported ??= process.platform === 'linux' && procWorks());
  }

  /**
   * Opens the directory, which is from now on the volume whatever becomes of its path (or, with `checked-paths`, for as
   * long as it is at its path).
   *
   * @param directory followed if it is a symlink: the embedder names it
   * @throws BindingError BW_BINDING_UNSUPPORTED, BW_BINDING_DIRECTORY
   */
  constructor(directory: string, options: HostVolumeOptions = {}) {
    const { quota, offThreadFrom = OFF_THREAD_FROM, umask = DEFAULT_UMASK } = options;
    const byDescriptor = options.confinement !== 'checked-paths';
    if (byDescriptor && !HostVolume.supported()) throw unsupported();
    this.quota = quota;
    this.offThread = offThreadFrom !== Infinity;
    const root = openRootPlace(directory, byDescriptor);
    this.#root = root;
    this.#context = {
      quota: this.quota,
      inodes: new HostInodes(),
      descendants: root instanceof DescriptorPlace ? new Descendants(root) : undefined,
      byDescriptor,
      // Nothing but the nine bits of rwx: set-id and sticky bits are never ours to give.
      fileMode: 0o666 & ~umask,
      directoryMode: 0o777 & ~umask,
      offThreadFrom,
      open: new Set(),
    };
  }

  openRoot(permit: Permit): VolumeDirectory | ErrorCode {
    Permit.assert(permit);
    if (this.#closed) return ErrorCode.badDescriptor;
    return new HostDirectory(this.#context, this.#root.hold());
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const handle of this.#context.open) handle.close();
    this.#context.descendants?.close();
    this.#context.inodes.close();
    this.#root.release();
  }
}

function unsupported(): BindingError {
  return new BindingError(
    'BW_BINDING_UNSUPPORTED',
    'this system cannot confine a guest to a host directory without a race',
    {
      hint: "host mounts need Linux with /proc; use a memory mount, or accept the weaker confinement 'checked-paths'",
    },
  );
}

function openRootPlace(directory: string, byDescriptor: boolean): Place {
  findDescriptors();
  try {
    return byDescriptor ? DescriptorPlace.open(directory) : CheckedPlace.open(directory);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    throw new BindingError(
      'BW_BINDING_DIRECTORY',
      `the directory of a host mount cannot be opened (${code})`,
      {
        hint: 'bind the name to an existing directory that this process may search',
        // Not the cause: its message holds the host's path.
      },
    );
  }
}

/** New files are written by their owner alone. */
const DEFAULT_UMASK = 0o022;

let isSupported: boolean | undefined;

function procWorks(): boolean {
  let fd: number | undefined;
  try {
    // A directory that a process may open whatever its permissions (of Node.js) are.
    fd = openSync('/proc/self/fd', REOPEN_FLAGS);
    const direct = fstatSync(fd, { bigint: true });
    const through = statSync(pathOf(fd), { bigint: true });
    return direct.ino === through.ino && direct.dev === through.dev;
  } catch {
    return false;
  } finally {
    if (fd !== undefined) closeQuietly(fd);
  }
}
