import type { ImageFiles } from '../virtual/filesystem/image-files.ts';

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

/**
 * The files of one mount for the embedder: while the instance runs and after it has ended, until it is closed. Each use is
 * on record.
 */
export interface MountFiles {
  /**
   * Everything under the mount as a tar archive (POSIX.1-2001, pax).
   *
   * @throws VolumeError BW_VOLUME_READ, BindingError BW_IMAGE_TOO_LARGE for more than 1 GiB, AuditError
   */
  toTar(): Promise<Uint8Array>;

  /**
   * Everything under the mount as flat JSON, in the form of a policy's `memory.from.files`.
   *
   * @throws VolumeError BW_VOLUME_READ, BindingError BW_IMAGE_TOO_LARGE for more than 1 GiB, AuditError
   */
  toFiles(): Promise<ImageFiles>;

  /**
   * What the program changed in an overlay, in the order of paths.
   *
   * @throws InstanceError BW_FILES_NO_OVERLAY, VolumeError BW_VOLUME_READ, AuditError
   */
  changes(): Promise<readonly FileChange[]>;

  /**
   * The upper layer of an overlay as a tar archive: a layer of the OCI image specification, with whiteouts.
   *
   * @throws InstanceError BW_FILES_NO_OVERLAY, VolumeError BW_VOLUME_READ, AuditError
   */
  changesToTar(): Promise<Uint8Array>;

  /**
   * Carries out the changes of an overlay on the host directory below it. Each file is replaced as a whole: a crash leaves
   * it as it was or as it is to be, and doing it again completes it. To drop the changes, do nothing.
   *
   * @returns the changes that were carried out
   * @throws InstanceError BW_FILES_NO_OVERLAY, BW_FILES_LOWER (no host directory is below), BW_INSTANCE_BUSY while the
   *   instance has not ended; VolumeError BW_VOLUME_READ, BW_VOLUME_WRITE; AuditError
   */
  acceptChanges(): Promise<readonly FileChange[]>;
}
