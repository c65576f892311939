import { DescriptorFlags } from '../../src/virtual/filesystem/descriptor.ts';
import type { FdEntry } from './fd-table.ts';

/** `rights`, bits of a u64 of which 0.1 uses the low 30. */
export const Rights = {
  fdDatasync: 0x1,
  fdRead: 0x2,
  fdSeek: 0x4,
  fdFdstatSetFlags: 0x8,
  fdSync: 0x10,
  fdTell: 0x20,
  fdWrite: 0x40,
  fdAdvise: 0x80,
  fdAllocate: 0x100,
  pathCreateDirectory: 0x200,
  pathCreateFile: 0x400,
  pathLinkSource: 0x800,
  pathLinkTarget: 0x1000,
  pathOpen: 0x2000,
  fdReaddir: 0x4000,
  pathReadlink: 0x8000,
  pathRenameSource: 0x10000,
  pathRenameTarget: 0x20000,
  pathFilestatGet: 0x40000,
  pathFilestatSetSize: 0x80000,
  pathFilestatSetTimes: 0x100000,
  fdFilestatGet: 0x200000,
  fdFilestatSetSize: 0x400000,
  fdFilestatSetTimes: 0x800000,
  pathSymlink: 0x1000000,
  pathRemoveDirectory: 0x2000000,
  pathUnlinkFile: 0x4000000,
  pollFdReadwrite: 0x8000000,
  sockShutdown: 0x10000000,
  sockAccept: 0x20000000,
} as const;

const DIRECTORY: number =
  Rights.fdFdstatSetFlags |
  Rights.fdSync |
  Rights.fdDatasync |
  Rights.fdReaddir |
  Rights.fdFilestatGet |
  Rights.fdFilestatSetTimes |
  Rights.pathCreateDirectory |
  Rights.pathCreateFile |
  Rights.pathLinkSource |
  Rights.pathLinkTarget |
  Rights.pathOpen |
  Rights.pathReadlink |
  Rights.pathRenameSource |
  Rights.pathRenameTarget |
  Rights.pathFilestatGet |
  Rights.pathFilestatSetTimes |
  Rights.pathSymlink |
  Rights.pathRemoveDirectory |
  Rights.pathUnlinkFile;

const FILE: number =
  Rights.fdDatasync |
  Rights.fdSync |
  Rights.fdSeek |
  Rights.fdTell |
  Rights.fdFdstatSetFlags |
  Rights.fdAdvise |
  Rights.fdAllocate |
  Rights.fdFilestatGet |
  Rights.fdFilestatSetSize |
  Rights.fdFilestatSetTimes |
  Rights.pollFdReadwrite;

const SOCKET: number = Rights.fdFdstatSetFlags | Rights.fdFilestatGet | Rights.pollFdReadwrite;

const CONNECTION: number = SOCKET | Rights.fdRead | Rights.fdWrite | Rights.sockShutdown;

/**
 * Base rights that `fd_fdstat_get` reports.
 *
 * Rights are history: as in Wasmtime they are reported, because libcs mask what they ask for with them, and what a
 * descriptor may do is decided by its flags and the policy. `fd_fdstat_set_rights` is `notsup`.
 */
export function baseRights({ file, directory, input, socket }: FdEntry): number {
  if (directory !== undefined) return DIRECTORY;
  if (file !== undefined) {
    const read = (file.flags & DescriptorFlags.read) === 0 ? 0 : Rights.fdRead;
    const write = (file.flags & DescriptorFlags.write) === 0 ? 0 : Rights.fdWrite;
    return FILE | read | write;
  }
  if (socket !== undefined) return input === undefined ? SOCKET | Rights.sockAccept : CONNECTION;
  // A character device with seek and tell is how wasi-libc is told that this is no terminal (isatty).
  const device =
    Rights.fdSeek | Rights.fdTell | Rights.fdFdstatSetFlags | Rights.fdFilestatGet | Rights.pollFdReadwrite;
  return device | (input === undefined ? Rights.fdWrite : Rights.fdRead);
}

/**
 * Inheriting rights: everything for directories. wasi-libc drops, without a word, what is missing here from what it
 * asks of `path_open`, and a program would learn at its first write what it should have learnt at the open.
 */
export function inheritingRights(entry: FdEntry): number {
  if (entry.directory === undefined) return baseRights(entry);
  return DIRECTORY | FILE | Rights.fdRead | Rights.fdWrite;
}
