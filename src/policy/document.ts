import type { RandomGrant, VariableGrant } from './types.ts';
import type { AccessShortName, AccessWord, AuditLevel } from './words.ts';

/**
 * A policy as it is written, for policies that are made in code: what {@link normalizePolicy} takes. Only what this
 * release enforces is here; policies/policy.schema.json has the whole language.
 */
export interface PolicyDocument {
  readonly $schema?: string;
  readonly version: 1;
  readonly name?: string;
  readonly description?: string;
  /** `preset:NAME`, or names that the caller's resolver knows. */
  readonly extends?: readonly string[];
  readonly filesystem?: readonly FilesystemRuleDocument[];
  readonly clocks?: { readonly wall?: ClockDocument; readonly monotonic?: ClockDocument };
  readonly random?: RandomGrant;
  readonly environment?: Readonly<Record<string, VariableGrant>>;
  readonly arguments?: boolean;
  readonly stdio?: {
    readonly stdin?: boolean;
    readonly stdout?: OutputDocument;
    readonly stderr?: OutputDocument;
  };
  readonly limits?: { readonly memory?: Size; readonly deadline?: Duration; readonly handles?: number };
  readonly audit?: { readonly level?: AuditLevel };
}

export interface FilesystemRuleDocument {
  readonly id?: string;
  readonly description?: string;
  readonly mount: string;
  readonly host?: string;
  readonly memory?: Readonly<Record<string, never>>;
  readonly access: AccessShortName | readonly AccessWord[];
  readonly quota?: { readonly bytes?: Size; readonly files?: number };
}

/** `"64MiB"` (units B, kB, KiB, MB, MiB, GB, GiB), or an integer of bytes. */
export type Size = string | number;

/** `"250ms"` (units ns, us, ms, s, min, h, d), or an integer of nanoseconds. */
export type Duration = string | number;

export type ClockDocument =
  | { readonly resolution: Duration }
  | { readonly fixed: string }
  | { readonly virtual: string }
  | false;

export type OutputDocument = boolean | { readonly bytes: Size };
