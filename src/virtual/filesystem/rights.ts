import { Access } from '../../kernel/access.ts';
import type { Grant } from '../../kernel/grant.ts';
import { ErrorCode } from '../error-code.ts';
import { DescriptorFlags, OpenFlags } from './descriptor.ts';

/**
 * Needs with alternatives, beside the bits of `Access`. The grant's own alternative is asked for, so that the record
 * names a word of the policy; {@link bitsFor} chooses.
 */
export const Need = {
  /** To learn that a name exists, its type, size and times, and where a symlink points: `read`, or else `list`. */
  look: 0x1_0000,
  /** To open for writing or to append: `write`, or else `append`. */
  writeOrAppend: 0x2_0000,
} as const;

const MUTATING =
  Access.create |
  Access.write |
  Access.append |
  Access.delete |
  Access.rename |
  Access.link |
  Access.symlink |
  Access['set-times'];

/** @returns `need` with its alternatives decided for `grant`. */
export function bitsFor(grant: Grant, need: number): number {
  let bits = need & ~(Need.look | Need.writeOrAppend);
  if ((need & Need.look) !== 0) bits |= (grant.access & Access.read) !== 0 ? Access.read : Access.list;
  if ((need & Need.writeOrAppend) !== 0) {
    const appendOnly = (grant.access & (Access.write | Access.append)) === Access.append;
    bits |= appendOnly ? Access.append : Access.write;
  }
  return bits;
}

/**
 * @returns the bit to ask for where a valid grant is enough: to stat or sync what is open already, and to pass through
 *   a mount to one that lies below it. The first granted word; `read` when nothing is granted.
 */
export function passage(grant: Grant): number {
  return grant.access === 0 ? Access.read : grant.access & -grant.access;
}

/**
 * @returns the error code of a denial: a mount on which nothing can be changed is a read-only file system, anything
 *   else is an operation not permitted; a spent budget says so.
 */
export function refusal(grant: Grant, bits: number): ErrorCode {
  // A spent rate comes back with time: "try again".
  if (grant.spent !== undefined) return grant.spent.refills ? ErrorCode.wouldBlock : ErrorCode.quota;
  return (bits & MUTATING) !== 0 && (grant.access & MUTATING) === 0
    ? ErrorCode.readOnly
    : ErrorCode.notPermitted;
}

/**
 * @returns what opening with these flags needs; `create` is asked for when something is created. Where only a file can
 *   be meant, reading needs `read`; a directory may also be opened with `list`.
 */
export function needToOpen(openFlags: number, flags: number): number {
  const read = (flags & DescriptorFlags.read) !== 0;
  const write = (flags & DescriptorFlags.write) !== 0;
  const truncate = (openFlags & OpenFlags.truncate) !== 0;
  const create = (openFlags & OpenFlags.create) !== 0;
  if (!write && !truncate && !create) return Need.look;
  let need = read ? Access.read : 0;
  if (write) need |= Need.writeOrAppend;
  if (truncate) need |= Access.write;
  return need === 0 ? Access.create : need;
}

/**
 * @returns the flags of a file's descriptor. As in Wasmtime: not opened for writing means opened for reading, and
 *   what one truncates one may write; what one creates one may write too. Never more than the grant has.
 */
export function fileFlags(grant: Grant, openFlags: number, flags: number, created: boolean): number {
  let result = flags & SYNC_FLAGS;
  const write = (flags & DescriptorFlags.write) !== 0;
  if (
    (write || created || (openFlags & OpenFlags.truncate) !== 0) &&
    (grant.access & (Access.write | Access.append)) !== 0
  ) {
    result |= DescriptorFlags.write;
  }
  if (((flags & DescriptorFlags.read) !== 0 || !write) && (grant.access & Access.read) !== 0)
    result |= DescriptorFlags.read;
  return result;
}

const SYNC_FLAGS =
  DescriptorFlags.fileIntegritySync | DescriptorFlags.dataIntegritySync | DescriptorFlags.requestedWriteSync;

/**
 * `mutate-directory` is reported and not enforced, as in Wasmtime: the adapter that turns 0.1 into 0.2 never sets it,
 * so that enforcing it would break every C program. The grant decides.
 */
export function directoryFlags(grant: Grant, flags: number): number {
  const mutate = (grant.access & MUTATING) !== 0 ? flags & DescriptorFlags.mutateDirectory : 0;
  return DescriptorFlags.read | mutate;
}
