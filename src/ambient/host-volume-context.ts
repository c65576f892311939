import type { Quota } from '../virtual/filesystem/quota.ts';
import type { Descendants } from './host-volume-descendants.ts';
import type { HostInodes } from './host-volume-inodes.ts';

/** What the directories and files of one host volume share. */
export interface HostContext {
  readonly quota: Quota | undefined;
  readonly inodes: HostInodes;
  /** Undefined where directories are held by path: there is nothing to save. */
  readonly descendants: Descendants | undefined;
  /** Whether files can be opened once more by their descriptor. */
  readonly byDescriptor: boolean;
  /** Permission bits of new files and directories, of which the process's own umask may take more. */
  readonly fileMode: number;
  readonly directoryMode: number;
  /** Bytes from which a read or write leaves the thread; Infinity: never. */
  readonly offThreadFrom: number;
  /** Everything that holds a descriptor of the process. */
  readonly open: Set<{ close(): void }>;
}
