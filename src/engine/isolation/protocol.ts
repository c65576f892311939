import type { AuditEvent } from '../../audit/records.ts';
import type { Policy } from '../../policy/index.ts';
import type { Field } from '../../virtual/http/fields.ts';
import type { Bindings } from '../bindings.ts';
import type { GrantUse } from '../instance.ts';
import type { Usage } from '../usage.ts';
import type { Chunk } from './pulled-stream.ts';
import type { WireError, WireOutcome } from './wire-errors.ts';

/** What a worker is told of an instance that it is to open. */
export interface WireOpening {
  /** How both sides call it. */
  readonly instance: number;
  readonly id: string;
  readonly tenant: string;
  /** Of a program that was given before. */
  readonly digest: string;
  readonly policy: Policy;
  readonly bindings: Bindings;
  /** argv, its name first. */
  readonly args: readonly string[];
  readonly streams: Readonly<Record<'stdin' | 'stdout' | 'stderr', boolean>>;
  /** Which budgets of its tenant there are, and how much they are. */
  readonly budgets: WireBudgets;
  readonly offThreadFrom: number | undefined;
}

export interface WireBudgets {
  readonly cpu: boolean;
  readonly bytes: { readonly name: string; readonly limit: number } | undefined;
  readonly requests: { readonly name: string; readonly amount: number } | undefined;
}

/** What an instance is by the time that it is open. */
export interface WireOpened {
  readonly exports: WireExports;
  readonly state: WireState;
}

/** Functions are true, and interfaces are what they hold. */
export interface WireExports {
  readonly [name: string]: true | WireExports;
}

export interface WireState {
  readonly usage: Usage;
  readonly grants: readonly GrantUse[];
  /** How it ended, if it did. */
  readonly outcome: WireOutcome | undefined;
}

export interface WireRequest {
  readonly method: string;
  readonly scheme: string | undefined;
  readonly authority: string | undefined;
  readonly pathWithQuery: string | undefined;
  readonly headers: readonly Field[];
}

export interface WireResponse {
  readonly status: number;
  readonly headers: readonly Field[];
  readonly contentLength: number | undefined;
}

/** Of the compile cache; no directory: the user's own. */
export interface CachePlace {
  readonly directory: string | undefined;
  readonly maxBytes: number;
}

export type FilesAction = 'toTar' | 'toFiles' | 'changes' | 'changesToTar' | 'acceptChanges';

/** What a worker offers. Its instances are called by their numbers, and so are requests. */
export interface WorkerCalls {
  ping(): void;
  /** Compiles a program. @param cache where translations are kept */
  compile(bytes: Uint8Array, name: string, cache: CachePlace | undefined): Promise<void>;
  open(opening: WireOpening): Promise<WireOpened>;
  run(instance: number): Promise<{ readonly exitCode: number }>;
  call(instance: number, name: string, args: readonly unknown[]): Promise<unknown>;
  exchange(instance: number, request: number, head: WireRequest): Promise<WireResponse>;
  /** Resolves when the guest is done with the request. */
  done(instance: number, request: number): Promise<void>;
  responseBody(instance: number, request: number): Promise<Chunk>;
  /** Nobody reads the response any more. */
  closeResponse(instance: number, request: number): void;
  abort(instance: number, request: number): void;
  idle(instance: number): Promise<void>;
  revoke(instance: number, grant: string): void;
  files(instance: number, grant: string, action: FilesAction): Promise<unknown>;
  close(instance: number): Promise<void>;
  /** Nobody asks for the instance any more. */
  forget(instance: number): void;
}

/** What the host offers to a worker. */
export interface HostCalls {
  /** Resolves when the target takes more. Rejects when it takes nothing any more. */
  output(instance: number, stream: 'stdout' | 'stderr', bytes: Uint8Array): Promise<void>;
  input(instance: number): Promise<Chunk>;
  closeInput(instance: number): void;
  requestBody(instance: number, request: number): Promise<Chunk>;
  closeRequest(instance: number, request: number): void;
  state(instance: number, state: WireState): void;
}

/** What a worker asks the host while it waits, and nothing else goes on in it. */
export type Question =
  | { readonly about: 'record'; readonly instance: number; readonly event: AuditEvent }
  /** @property nanoseconds that were computed. The answer: nanoseconds until there is something left. */
  | { readonly about: 'cpu'; readonly instance: number; readonly nanoseconds: number }
  /** @property count bytes that went, 0 to ask only. The answer: what is left. */
  | { readonly about: 'bytes'; readonly instance: number; readonly count: number }
  /** The answer: 1 when there was one left to take, or to give back. */
  | { readonly about: 'requests'; readonly instance: number; readonly give: boolean };

export type Reply = { readonly value: number } | { readonly error: WireError };
