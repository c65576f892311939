/**
 * A word of a filesystem rule's `access`.
 *
 * - `read`: contents of files; `list`: names in directories, and what `stat` tells.
 * - `create`: new files and directories; `write`: contents and size; `append`: writing at the end only.
 * - `delete`, `rename` (needed at both ends), `link`, `symlink`, `set-times`.
 */
export type AccessWord =
  | 'read'
  | 'list'
  | 'create'
  | 'write'
  | 'append'
  | 'delete'
  | 'rename'
  | 'link'
  | 'symlink'
  | 'set-times';

/** In the order of the policy language. */
export const ACCESS_WORDS: readonly AccessWord[] = Object.freeze([
  'read',
  'list',
  'create',
  'write',
  'append',
  'delete',
  'rename',
  'link',
  'symlink',
  'set-times',
]);

/** Short names for `access`; they stand alone, in place of the list. */
export type AccessShortName = 'read' | 'read-write';

export const ACCESS_SHORT_NAMES: Readonly<Record<AccessShortName, readonly AccessWord[]>> = Object.freeze({
  read: Object.freeze<AccessWord[]>(['read', 'list']),
  'read-write': Object.freeze(ACCESS_WORDS.filter((word) => word !== 'link' && word !== 'symlink')),
});

/**
 * What the log holds. `grants`: what was granted at the opening, denials, passed limits, the closing. `denials`: also the
 * first use of each grant. `uses`: every use.
 */
export type AuditLevel = 'grants' | 'denials' | 'uses';

export const AUDIT_LEVELS: readonly AuditLevel[] = Object.freeze(['grants', 'denials', 'uses']);

/** What holds when a policy names no level. */
export const DEFAULT_AUDIT_LEVEL: AuditLevel = 'denials';
