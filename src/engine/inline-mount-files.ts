import { InstanceError } from '../errors.ts';
import type { Grant } from '../kernel/grant.ts';
import type { Permit } from '../kernel/permit.ts';
import type { OwnerAction } from '../kernel/recorder.ts';
import type { ErrorCode } from '../virtual/error-code.ts';
import type { ImageFiles } from '../virtual/filesystem/image-files.ts';
import type { FileChange, MountFiles } from './mount-files.ts';
import type { OverlayChange } from '../virtual/filesystem/overlay-changes.ts';
import type { OverlayVolume } from '../virtual/filesystem/overlay-volume.ts';
import { volumeError } from '../virtual/filesystem/volume-error.ts';
import { FileType, type Volume, type VolumeDirectory } from '../virtual/filesystem/volume.ts';

/** What an instance hands to its {@link InlineMountFiles}. */
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

/** The files of one mount of an instance on the thread of the host. */
export class InlineMountFiles implements MountFiles {
  readonly #access: MountAccess;

  /** @internal */
  constructor(access: MountAccess) {
    this.#access = access;
  }

  async toTar(): Promise<Uint8Array> {
    const { exportTar } = await import('../virtual/filesystem/export-tar.ts');
    return this.#use('export', (volume, permit) =>
      withRoot(volume, permit, (root) => exportTar(root, permit)),
    );
  }

  async toFiles(): Promise<ImageFiles> {
    const { exportFiles } = await import('../virtual/filesystem/export-files.ts');
    return this.#use('export', (volume, permit) =>
      withRoot(volume, permit, (root) => exportFiles(root, permit)),
    );
  }

  async changes(): Promise<readonly FileChange[]> {
    return this.#use('list-changes', (volume, permit) =>
      this.#overlay(volume).changes(permit).map(toFileChange),
    );
  }

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
