import type { LayerSource, MemorySource, RandomGrant, VariableGrant } from './types.ts';
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
  readonly limits?: {
    readonly memory?: Size;
    readonly deadline?: Duration;
    readonly handles?: number;
    readonly filesystem?: { readonly quota?: QuotaDocument; readonly budget?: BudgetDocument };
  };
  readonly audit?: { readonly level?: AuditLevel };
}

export interface FilesystemRuleDocument {
  readonly id?: string;
  readonly description?: string;
  readonly mount: string;
  readonly host?: string;
  readonly memory?: MemorySource;
  readonly overlay?: { readonly lower: LayerSource; readonly upper: LayerSource };
  readonly image?: string;
  readonly access: AccessShortName | readonly AccessWord[];
  readonly paths?: readonly string[];
  readonly except?: readonly string[];
  readonly conceal?: boolean;
  readonly quota?: QuotaDocument;
  readonly budget?: BudgetDocument;
  readonly timestamps?: 'real' | { readonly resolution: Duration } | { readonly fixed: string } | false;
  readonly umask?: string;
}

export interface QuotaDocument {
  readonly bytes?: Size;
  readonly files?: number;
  readonly directories?: number;
  readonly depth?: number;
  readonly nameLength?: number;
  readonly pathLength?: number;
  readonly descriptors?: number;
}

export interface BudgetDocument {
  /** `"1000/s"` (units s, min, h, d), or a number in all. */
  readonly operations?: string | number;
  readonly readBytes?: Size;
  readonly writeBytes?: Size;
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
