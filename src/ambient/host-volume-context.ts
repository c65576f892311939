import type { Quota } from '../virtual/filesystem/quota.ts';
import type { HostInodes } from './host-volume-inodes.ts';

/** What the directories and files of one host volume share. */
export interface HostContext {
  readonly quota: Quota | undefined;
  readonly inodes: HostInodes;
  /** Everything that holds a descriptor of the process. */
  readonly open: Set<{ close(): void }>;
}
