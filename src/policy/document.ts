import type {
  DnsBudget,
  HeaderFilter,
  LayerSource,
  MemorySource,
  RandomGrant,
  VariableGrant,
} from './types.ts';
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
  readonly http?: readonly HttpRuleDocument[];
  readonly sockets?: readonly SocketsRuleDocument[];
  readonly dns?: readonly DnsRuleDocument[];
  readonly network?: 'virtual';
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

export interface HttpRuleDocument {
  readonly id?: string;
  readonly description?: string;
  /** Upper-case. */
  readonly methods: readonly string[];
  /** `"https://api.example.com/rates/**"` */
  readonly url: string;
  /** CIDR blocks, only beside a name. */
  readonly addresses?: readonly string[];
  /** By lower-case name. */
  readonly headers?: Readonly<Record<string, { readonly secret: string; readonly format?: string }>>;
  readonly requestHeaders?: HeaderFilter;
  readonly responseHeaders?: HeaderFilter;
  readonly timeouts?: {
    readonly connect?: Duration;
    readonly firstByte?: Duration;
    readonly betweenBytes?: Duration;
    readonly total?: Duration;
  };
  readonly budget?: {
    /** `"60/min"` (units s, min, h, d), or a number in all. */
    readonly requests?: string | number;
    readonly requestBytes?: Size;
    readonly responseBytes?: Size;
    readonly concurrent?: number;
  };
}

/** With exactly one of `connect` and `listen`. */
export interface SocketsRuleDocument {
  readonly id?: string;
  readonly description?: string;
  readonly protocol: 'tcp' | 'udp';
  /** `"db.internal:5432"` */
  readonly connect?: string;
  /** `"127.0.0.1:8080-8089"` */
  readonly listen?: string;
  /** CIDR blocks, only beside a name. */
  readonly addresses?: readonly string[];
  readonly budget?: {
    /** `"10/s"` (units s, min, h, d), or a number in all. */
    readonly operations?: string | number;
    readonly sentBytes?: Size;
    readonly receivedBytes?: Size;
    readonly concurrent?: number;
  };
}

export interface DnsRuleDocument {
  readonly id?: string;
  readonly description?: string;
  /** Exact, or `*.` and a name. */
  readonly names: readonly string[];
  readonly budget?: DnsBudget;
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
