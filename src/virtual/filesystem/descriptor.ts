import type { Grant } from '../../kernel/grant.ts';
import type { PathState } from '../../kernel/path-matcher.ts';
import type { MountTree } from './mount-tree.ts';
import type { Mount } from './mount.ts';
import type { VolumeDirectory, VolumeFile } from './volume.ts';

/** `descriptor-flags` of wasi:filesystem/types, bit by bit. */
export const DescriptorFlags = {
  read: 1,
  write: 2,
  fileIntegritySync: 4,
  dataIntegritySync: 8,
  requestedWriteSync: 16,
  mutateDirectory: 32,
} as const;

/** `open-flags` of wasi:filesystem/types. */
export const OpenFlags = { create: 1, directory: 2, exclusive: 4, truncate: 8 } as const;

/** An open file or directory of one instance. Exactly one of `file` and `directory` is set. */
export class Descriptor {
  readonly mount: Mount;
  readonly grant: Grant;
  /** Bits of {@link DescriptorFlags}. */
  readonly flags: number;
  /** As the log names it: the mount's guest path, or the path that the guest opened. */
  readonly path: string;
  readonly file: VolumeFile | undefined;
  /** Preopens open their directory on first use. */
  directory: VolumeDirectory | undefined;
  /** The mounts below this directory, if any. */
  readonly tree: MountTree | undefined;
  /** Where a directory stands among the patterns of its rule, if that has any. */
  readonly state: PathState | undefined;
  /** Names from the mount down to a directory. */
  readonly depth: number;
  closed = false;

  constructor(
    mount: Mount,
    flags: number,
    path: string,
    node: {
      readonly file?: VolumeFile;
      readonly directory?: VolumeDirectory;
      readonly tree?: MountTree | undefined;
      readonly state?: PathState | undefined;
      readonly depth?: number;
    },
  ) {
    this.mount = mount;
    this.grant = mount.grant;
    this.flags = flags;
    this.path = path;
    this.file = node.file;
    this.directory = node.directory;
    this.tree = node.tree;
    this.state = node.state ?? mount.rules.paths?.root;
    this.depth = node.depth ?? 0;
  }
}
