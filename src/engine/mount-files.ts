import { InstanceError } from '../errors.ts';
import type { Grant } from '../kernel/grant.ts';
import type { Permit } from '../kernel/permit.ts';
import type { OwnerAction } from '../kernel/recorder.ts';
import type { ErrorCode } from '../virtual/error-code.ts';
import type { ImageFiles } from '../virtual/filesystem/image-files.ts';
import type { OverlayChange } from '../virtual/filesystem/overlay-changes.ts';
import type { OverlayVolume } from '../virtual/filesystem/overlay-volume.ts';
import { volumeError } from '../virtual/filesystem/volume-error.ts';
import { FileType, type Volume, type VolumeDirectory } from '../virtual/filesystem/volume.ts';

/** What a program changed in an overlay, one name at a time. */
export interface FileChange {
  /**
   * Of a directory that is removed only its own path is told, of one that is added everything in it as well. What is
   * replaced by a thing of another type is removed, then added.
   */
  readonly kind: 'added' | 'modified' | 'removed';
  /** Relative to the mount, names joined by `/`. */
  readonly path: string;
  /** Of what was removed, or of what there is now; as WIT calls it. */
  readonly type: 'directory' | 'regular-file' | 'symbolic-link' | 'unknown';
}

/** What an instance hands to its {@link MountFiles}. */
export interface MountAccess {
  readonly grant: Grant;
  /** The volume as it is now; closed again unless the instance is still using it. */
  readonly open: () => Volume;
  readonly close: (volume: Volume) => void;
  /** A writable handle of the host directory that is the lower layer of the overlay; undefined: it is none. */
  readonly openLower: (() => Volume) | undefined;
  readonly permit: (action: OwnerAction) => Permit;
  readonly hasEnded: () => boolean;
}

/**
 * The files of one mount for the embedder: while the instance runs and after it has ended, until it is closed. Each use is
 * on record.
 */
export class MountFiles {
  readonly #access: MountAccess;

  /** @internal */
  constructor(access: MountAccess) {
    this.#access = access;
  }

  /**
   * Everything under the mount as a tar archive (POSIX.1-2001, pax).
   *
   * @throws VolumeError BW_VOLUME_READ, BindingError BW_IMAGE_TOO_LARGE for more than 1 GiB, AuditError
   */
  async toTar(): Promise<Uint8Array> {
    const { exportTar } = await import('../virtual/filesystem/export-tar.ts');
    return this.#use('export', (volume, permit) =>
      withRoot(volume, permit, (root) => exportTar(root, permit)),
    );
  }

  /**
   * Everything under the mount as flat JSON, in the form of a policy's `memory.from.files`.
   *
   * @throws VolumeError BW_VOLUME_READ, BindingError BW_IMAGE_TOO_LARGE for more than 1 GiB, AuditError
   */
  async toFiles(): Promise<ImageFiles> {
    const { exportFiles } = await import('../virtual/filesystem/export-files.ts');
    return this.#use('export', (volume, permit) =>
      withRoot(volume, permit, (root) => exportFiles(root, permit)),
    );
  }

  /**
   * What the program changed in an overlay, in the order of paths.
   *
   * @throws InstanceError BW_FILES_NO_OVERLAY, VolumeError BW_VOLUME_READ, AuditError
   */
  async changes(): Promise<readonly FileChange[]> {
    return this.#use('list-changes', (volume, permit) =>
      this.#overlay(volume).changes(permit).map(toFileChange),
    );
  }

  /**
   * The upper layer of an overlay as a tar archive: a layer of the OCI image specification, with whiteouts.
   *
   * @throws InstanceError BW_FILES_NO_OVERLAY, VolumeError BW_VOLUME_READ, AuditError
   */
  async changesToTar(): Promise<Uint8Array> {
    const { exportTar } = await import('../virtual/filesystem/export-tar.ts');
    return this.#use('export-changes', async (volume, permit) => {
      const upper = opened(this.#overlay(volume).openUpper(permit));
      try {
        return await exportTar(upper, permit);
      } finally {
        upper.close();
      }
    });
  }

  /**
   * Carries out the changes of an overlay on the host directory below it. Each file is replaced as a whole: a crash leaves
   * it as it was or as it is to be, and doing it again completes it. To drop the changes, do nothing.
   *
   * @returns the changes that were carried out
   * @throws InstanceError BW_FILES_NO_OVERLAY, BW_FILES_LOWER (no host directory is below), BW_INSTANCE_BUSY while the
   *   instance has not ended; VolumeError BW_VOLUME_READ, BW_VOLUME_WRITE; AuditError
   */
  async acceptChanges(): Promise<readonly FileChange[]> {
    const { openLower, hasEnded } = this.#access;
    if (!hasEnded())
      throw new InstanceError(
        'BW_INSTANCE_BUSY',
        'Changes are accepted when the instance has ended: call close() first.',
      );
    const { applyChanges } = await import('../virtual/filesystem/overlay-apply.ts');
    return this.#use('accept-changes', (volume, permit) => {
      const overlay = this.#overlay(volume);
      if (openLower === undefined) throw noLower(this.#access.grant.id);
      const changes = overlay.changes(permit);
      const lower = openLower();
      try {
        withRoot(overlay, permit, (from) =>
          withRoot(lower, permit, (to) => applyChanges(changes, from, to, permit)),
        );
      } finally {
        lower.close();
      }
      return changes.map(toFileChange);
    });
  }

  async #use<Result>(
    action: OwnerAction,
    act: (volume: Volume, permit: Permit) => Result | Promise<Result>,
  ): Promise<Result> {
    const { permit, open, close } = this.#access;
    const granted = permit(action);
    const volume = open();
    try {
      return await act(volume, granted);
    } finally {
      close(volume);
    }
  }

  #overlay(volume: Volume): OverlayVolume {
    if (isOverlay(volume)) return volume;
    throw new InstanceError(
      'BW_FILES_NO_OVERLAY',
      `The mount ${JSON.stringify(this.#access.grant.id)} is no overlay: what it holds are no changes.`,
      { hint: 'Use toTar() or toFiles(), or an `overlay` in the policy.' },
    );
  }
}

/** By what it can do: whoever has no overlay does not load one. */
function isOverlay(volume: Volume): volume is OverlayVolume {
  return 'changes' in volume;
}

const TYPE_NAMES: ReadonlyMap<FileType, FileChange['type']> = new Map([
  [FileType.directory, 'directory'],
  [FileType.regularFile, 'regular-file'],
  [FileType.symbolicLink, 'symbolic-link'],
]);

function toFileChange({ kind, path, type }: OverlayChange): FileChange {
  return { kind, path, type: TYPE_NAMES.get(type) ?? 'unknown' };
}

function withRoot<Result>(volume: Volume, permit: Permit, act: (root: VolumeDirectory) => Result): Result {
  const root = opened(volume.openRoot(permit));
  try {
    return act(root);
  } finally {
    root.close();
  }
}

function opened(root: VolumeDirectory | ErrorCode): VolumeDirectory {
  if (typeof root === 'number') throw volumeError('BW_VOLUME_READ', '.', root);
  return root;
}

function noLower(id: string): InstanceError {
  return new InstanceError(
    'BW_FILES_LOWER',
    `The overlay ${JSON.stringify(id)} has no host directory below, so there is nothing that could take its changes.`,
    { hint: 'Keep changesToTar() and apply it where the image is made.' },
  );
}
