import type { Grant } from './grant.ts';
import type { Request } from './request.ts';

/**
 * Why a request is denied: the rule was taken back, does not have the words, is for other paths, or is for a name whose
 * addresses are not all among those that it allows (`address-forbidden`).
 */
export type DenialReason = 'revoked' | 'not-granted' | 'outside-paths' | 'address-forbidden';

/** What an embedder does with the files of a mount. */
export type OwnerAction = 'export' | 'list-changes' | 'export-changes' | 'accept-changes';

/**
 * Where the guard puts its decisions before they take effect. `audit/` implements it.
 * Every method throws when the record cannot be kept; the guard then denies.
 */
export interface Recorder {
  used(grant: Grant, request: Request): void;
  /** `grant` is the rule that was asked, or undefined when no rule covers the request. */
  denied(grant: Grant | undefined, request: Request, reason: DenialReason): void;
  /** The embedder itself uses the mount of `grant`. */
  owned(grant: Grant, action: OwnerAction): void;
  /** A bound was reached: `limit` names it (`limits.handles`, `filesystem/out quota.bytes`), `value` is the bound. */
  limited(limit: string, value: number, request?: Request): void;
}
