import type { AccessWord, AuditLevel } from './words.ts';

/**
 * A policy in its normal form: what {@link parsePolicy} and {@link normalizePolicy} give. Deeply frozen, plain JSON, and
 * itself a valid policy document, so that printing it and parsing it again gives the same.
 *
 * Every section is there; one that grants nothing says so (`[]`, `{}` or `false`). `extends` is resolved and gone.
 */
export interface Policy {
  /** Where an editor finds the schema; no part of the digest. */
  readonly $schema?: string;
  readonly version: 1;
  readonly name?: string;
  /** No part of the digest. */
  readonly description?: string;
  readonly filesystem: readonly FilesystemRule[];
  readonly http: readonly HttpRule[];
  readonly sockets: readonly SocketsRule[];
  readonly dns: readonly DnsRule[];
  /** `virtual`: the rules above are about a network in memory, of which the embedder says who else is on it. */
  readonly network?: 'virtual';
  readonly clocks: { readonly wall: ClockGrant; readonly monotonic: ClockGrant };
  readonly random: RandomGrant;
  /** Null-prototype object of variable names, in the policy's order. */
  readonly environment: Readonly<Record<string, VariableGrant>>;
  readonly arguments: boolean;
  readonly stdio: { readonly stdin: boolean; readonly stdout: OutputGrant; readonly stderr: OutputGrant };
  readonly limits: PolicyLimits;
  readonly audit: { readonly level: AuditLevel };
}

/** One mount: exactly one of `host`, `memory`, `overlay` and `image` is there. */
export interface FilesystemRule {
  /** Unique in the policy: `[a-z0-9._-]{1,64}`, or `filesystem/N` where the rule at position N was given none. */
  readonly id: string;
  readonly description?: string;
  /** Absolute guest path without `.`, `..`, empty components or a slash at the end; `/` is the root. */
  readonly mount: string;
  /** Name that the embedder binds, or a literal path: see {@link isLiteralHostPath}. */
  readonly host?: string;
  readonly memory?: MemorySource;
  readonly overlay?: { readonly lower: LayerSource; readonly upper: LayerSource };
  /** Name of an archive that the embedder binds, or a literal path. */
  readonly image?: string;
  /** Sorted, without duplicates. */
  readonly access: readonly AccessWord[];
  /** Patterns, sorted, without duplicates; absent: everything under the mount. */
  readonly paths?: readonly string[];
  /** Patterns, sorted, without duplicates; each ends in `**`, because what is below an exception is excepted too. */
  readonly except?: readonly string[];
  /** What the patterns leave out looks absent. */
  readonly conceal?: true;
  readonly quota?: FilesystemQuota;
  readonly budget?: FilesystemBudget;
  /** What the guest sees of the times of files; absent: what the volume has. `false`: nothing. */
  readonly timestamps?: { readonly resolution: string } | { readonly fixed: string } | false;
  /** Three octal digits; absent: `022`. */
  readonly umask?: string;
}

/** A layer of an overlay: exactly one of the three is there. */
export interface LayerSource {
  readonly host?: string;
  readonly image?: string;
  readonly memory?: MemorySource;
}

export interface MemorySource {
  /** What is in it at the start: exactly one of the three is there. */
  readonly from?: {
    readonly files?: Readonly<Record<string, FileContent>>;
    readonly host?: string;
    readonly image?: string;
  };
}

/** A text, bytes in base64, where a symbolic link leads, or null for an empty directory. */
export type FileContent = string | { readonly base64: string } | { readonly symlink: string } | null;

/** Bounds on what is kept; what is absent has the bound of the field, or none. */
export interface FilesystemQuota {
  /** Bytes added to files; absent: 64 MiB in memory, no bound in a host directory. */
  readonly bytes?: number;
  /** Files, directories and links added; absent: 10,000 in memory, no bound in a host directory. */
  readonly files?: number;
  /** Directories among them. */
  readonly directories?: number;
  /** Names from the mount down to something new. */
  readonly depth?: number;
  /** Bytes of UTF-8; absent: 255. */
  readonly nameLength?: number;
  /** Bytes of UTF-8; absent: 4,096. */
  readonly pathLength?: number;
  /** Open at one time; absent: `limits.handles`. */
  readonly descriptors?: number;
}

/** Bounds on what is used, over the life of the instance. */
export interface FilesystemBudget {
  /** `"1000/s"` (units s, min, h, d), or a number in all. */
  readonly operations?: string | number;
  readonly readBytes?: number;
  readonly writeBytes?: number;
}

/** Requests that may be sent. */
export interface HttpRule {
  /** Unique in the policy: `[a-z0-9._-]{1,64}`, or `http/N` where the rule at position N was given none. */
  readonly id: string;
  readonly description?: string;
  /** Sorted, without duplicates. */
  readonly methods: readonly string[];
  /** Scheme, host, port unless it is the scheme's own, and path pattern: {@link parseUrlPattern} reads it. */
  readonly url: string;
  /** CIDR blocks, sorted, without duplicates; absent: the addresses of a name must be public. */
  readonly addresses?: readonly string[];
  /** Null-prototype object of lower-case names, sorted. Without a `format`, the secret is the whole value. */
  readonly headers?: Readonly<Record<string, { readonly secret: string; readonly format?: string }>>;
  /** Names of header fields of the program that are sent; absent: all but those about the connection. */
  readonly requestHeaders?: HeaderFilter;
  /** Names of header fields of a response that the program sees; absent: all but those about the connection. */
  readonly responseHeaders?: HeaderFilter;
  readonly timeouts?: HttpRuleTimeouts;
  readonly budget?: HttpBudget;
}

/** Exactly one of the two is there. Lower-case names, sorted; one that ends in `*` stands for all that begin so. */
export interface HeaderFilter {
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
}

/** Durations in their largest exact unit; what is absent has the default of virtual/http, `total` has none. */
export interface HttpRuleTimeouts {
  readonly connect?: string;
  readonly firstByte?: string;
  readonly betweenBytes?: string;
  readonly total?: string;
}

/** Bounds on what is used, over the life of the instance. */
export interface HttpBudget {
  /** `"60/min"` (units s, min, h, d), or a number in all. */
  readonly requests?: string | number;
  readonly requestBytes?: number;
  readonly responseBytes?: number;
  /** At one time. */
  readonly concurrent?: number;
}

/** Endpoints to connect to or to listen on: exactly one of `connect` and `listen` is there. */
export interface SocketsRule {
  /** Unique in the policy: `[a-z0-9._-]{1,64}`, or `sockets/N` where the rule at position N was given none. */
  readonly id: string;
  readonly description?: string;
  readonly protocol: 'tcp' | 'udp';
  /** Host, and port or range of ports: {@link parseEndpoint} reads it. */
  readonly connect?: string;
  /** Address or block, and port or range of ports. */
  readonly listen?: string;
  /** CIDR blocks, sorted, without duplicates; absent: the addresses of a name must be public. */
  readonly addresses?: readonly string[];
  readonly budget?: SocketsBudget;
}

/** Bounds on what is used, over the life of the instance. */
export interface SocketsBudget {
  /** Connections and datagrams: `"10/s"` (units s, min, h, d), or a number in all. */
  readonly operations?: string | number;
  readonly sentBytes?: number;
  readonly receivedBytes?: number;
  /** Connections at one time. */
  readonly concurrent?: number;
}

/** Names that may be looked up. */
export interface DnsRule {
  /** Unique in the policy: `[a-z0-9._-]{1,64}`, or `dns/N` where the rule at position N was given none. */
  readonly id: string;
  readonly description?: string;
  /** Exact, or `*.` and a name; in normal form, sorted, without duplicates. */
  readonly names: readonly string[];
  readonly budget?: DnsBudget;
}

/** Bounds on what is used, over the life of the instance. */
export interface DnsBudget {
  /** `"10/s"` (units s, min, h, d), or a number in all. */
  readonly requests?: string | number;
  /** At one time. */
  readonly concurrent?: number;
}

/**
 * `resolution`: real time, rounded down to a multiple of this duration. `fixed`: time stands still at this instant.
 * `virtual`: time starts at this instant and advances only with the program's own waits. `false`: not granted.
 *
 * Durations are strings in their largest exact unit ({@link parseDuration} reads them), instants are RFC 3339 in UTC
 * ({@link parseInstant}).
 */
export type ClockGrant =
  | { readonly resolution: string }
  | { readonly fixed: string }
  | { readonly virtual: string }
  | false;

export type RandomGrant = 'secure' | { readonly seed: string } | false;

/** A literal value, or the value that the host process has (where the embedder allows that). */
export type VariableGrant = string | { readonly from: 'host' };

/** `true`: without bound. `bytes`: how many may be written. */
export type OutputGrant = boolean | { readonly bytes: number };

export interface PolicyLimits {
  /** Bytes of all linear memories of the instance together; 1 GiB when absent. */
  readonly memory?: number;
  /** Instructions that may be executed in all; one unit each, more for bulk operations. No bound when absent. */
  readonly fuel?: number;
  /** Duration that the program may compute, without what it waits, in its largest exact unit; no bound when absent. */
  readonly cpu?: string;
  /** Duration after which others get their turn, in its largest exact unit, 1 ms to 1 s; 5 ms when absent. */
  readonly slice?: string;
  /** Share of the processor beside other tenants, 1 to 1,000; 100 when absent. */
  readonly weight?: number;
  /** Wall-clock duration from start to end, waiting included, in its largest exact unit; none when absent. */
  readonly deadline?: string;
  /** Descriptors, streams, pollables and other resources that may be open at one time; 1,000 when absent. */
  readonly handles?: number;
  /** Entries of all tables of the instance together; 1,000,000 when absent. */
  readonly tables?: number;
  /** Instances that the tenant may have at one time, this one included; no bound when absent. */
  readonly instances?: number;
  /** For all mounts together, beside what each rule says. */
  readonly filesystem?: { readonly quota?: FilesystemQuota; readonly budget?: FilesystemBudget };
}
