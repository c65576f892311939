import type { GrantSummary } from '../kernel/grant.ts';
import type { DenialReason, OwnerAction } from '../kernel/recorder.ts';
import type { Operation, Section } from '../kernel/request.ts';

/** Version of the record format; a reader refuses what it does not know. */
export const RECORD_VERSION = 1;

/** What every record begins with. */
export interface RecordHead {
  readonly v: typeof RECORD_VERSION;
  /**
   * Position in its log since that was opened, from 0, without gaps: where a number is missing, this sink failed to take
   * a record. A file that several processes append to one after the other starts again with each.
   */
  readonly seq: number;
  /** RFC 3339, UTC, milliseconds. */
  readonly time: string;
  /** Nanoseconds of the host's steady clock; orders records when the calendar clock steps. */
  readonly monotonic: number;
  readonly tenant: string;
  /** Unique among processes too: 8 random hexadecimal digits of the process, `-`, and a number. */
  readonly instance: string;
}

/** Uses of one grant that were counted instead of listed. */
export interface FoldedUses {
  readonly grant: string;
  readonly operation: Operation;
  readonly count: number;
}

export interface GrantRecord {
  readonly id: string;
  readonly section: Section;
  readonly summary: GrantSummary;
}

/** What a guest asked for, as it stands in records. Text that a guest controls is bounded and escaped. */
export interface RequestRecord {
  readonly operation: Operation;
  readonly subject: string;
  /** Access words needed, for filesystem requests. */
  readonly access?: readonly string[];
}

export type AuditEvent =
  | {
      readonly kind: 'instance-opened';
      readonly program: string;
      readonly policy: string;
      readonly grants: readonly GrantRecord[];
      readonly limits: Readonly<Record<string, number>>;
    }
  | ({ readonly kind: 'grant-used'; readonly grant: string } & RequestRecord)
  /** Allowed uses past those that an instance may have on record per second, since `since` (as `monotonic` counts). */
  | { readonly kind: 'uses-folded'; readonly since: number; readonly uses: readonly FoldedUses[] }
  | ({
      readonly kind: 'denial';
      /** The rule that was asked, null when no rule covers the request. */
      readonly grant: string | null;
      readonly reason: DenialReason;
      /** What would have allowed it: a section of the policy, and for files the access words that are missing. */
      readonly missing: { readonly section: Section; readonly access?: readonly string[] };
    } & RequestRecord)
  /** The first time that the instance ran into this limit, and what it asked for then. */
  | ({ readonly kind: 'limit'; readonly limit: string; readonly value: number } & Partial<RequestRecord>)
  | { readonly kind: 'grant-revoked'; readonly grant: string }
  /** The embedder read the files of a mount, or accepted what an overlay changed; also after the instance closed. */
  | { readonly kind: 'embedder-access'; readonly grant: string; readonly action: OwnerAction }
  | {
      readonly kind: 'instance-closed';
      readonly outcome: OutcomeRecord;
      readonly usage: Readonly<Record<string, number>>;
      /** Uses per grant, grants that were never used included. */
      readonly uses: Readonly<Record<string, number>>;
      /** Denials in all, and of how many distinct requests: repeats are folded, never dropped in silence. */
      readonly denials: { readonly total: number; readonly distinct: number };
    };

export type OutcomeRecord =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'trap'; readonly reason: string }
  | { readonly kind: 'limit'; readonly limit: string; readonly value: number }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'denied-at-start'; readonly code: string }
  | { readonly kind: 'host-error'; readonly code: string };

export type AuditRecord = RecordHead & AuditEvent;
