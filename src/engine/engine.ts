import { AuditLog } from '../audit/audit-log.ts';
import { nodeMachine } from '../ambient/machine.ts';
import { BailiwickError, ProgramError } from '../errors.ts';
import type { Machine } from '../virtual/machine.ts';
import { CompileCache } from './cache.ts';
import { compileTarget } from './compile-target.ts';
import { detect } from './detect.ts';
import { InstanceCounts } from './instance-counts.ts';
import type { ProgramEngine } from './instantiate.ts';
import type { IsolationOptions } from './isolation/isolation.ts';
import { Pools } from './isolation/pool.ts';
import type { EngineMetrics, MetricsOptions } from './metrics.ts';
import { Program, type ProgramDescription } from './program.ts';
import { Ceiling, type CeilingOptions } from './starts/ceiling.ts';
import { Pace } from './starts/pace.ts';
import type { Tenant } from './tenants/tenant.ts';
import { type TenantOptions, Tenants } from './tenants/tenants.ts';

export interface EngineOptions {
  /** Takes the records of every instance that names no log of its own; a log in memory by default. */
  readonly audit?: AuditLog;
  /** The compile cache on disk: a directory, or false for none. The user's own cache directory by default. */
  readonly cache?: string | false;
  /** Bound of the cache on disk, 1 GiB by default. */
  readonly maxCacheBytes?: number;
  /**
   * Largest program that is compiled, 256 MiB by default. Compiling takes time that no policy bounds: set it to what your
   * tenants need.
   */
  readonly maxProgramBytes?: number;
  /**
   * Bytes from which one read or write of a file in a host directory leaves the thread, so that other guests go on
   * meanwhile; smaller ones are faster on it. 1 MiB by default; Infinity: all of them stay.
   */
  readonly offThreadFrom?: number;
  /** What tenants may consume, over all of their instances and over time; nothing is bounded by default. */
  readonly tenants?: TenantOptions;
  /** How many instances there are at one time, and how long further ones wait for a place. */
  readonly instances?: CeilingOptions;
  /** What {@link Engine.metrics} tells apart. */
  readonly metrics?: MetricsOptions;
  /** Workers for instances that are opened with `isolation: 'thread'` or `'process'`. */
  readonly isolation?: IsolationOptions;
}

/** Compiled programs kept in memory; the one unused for longest goes first. */
const MAX_PROGRAMS = 64;

/**
 * Compiles programs and keeps what it compiled, in memory and on disk. One per process is enough; it may be shared by
 * all tenants, because programs hold no state and no authority.
 */
export class Engine {
  /** The log of instances that name none of their own. */
  readonly audit: AuditLog;
  // The composition root: this is where the real machine comes in, and nothing further in imports it.
  readonly #machine: Machine = nodeMachine;
  readonly #cache: CompileCache | undefined;
  readonly #maxProgramBytes: number;
  readonly #parts: ProgramEngine;
  readonly #programs = new Map<string, Promise<Program>>();
  #programsCompiled = 0;

  /** @throws InstanceError BW_TENANT_BUDGET, BW_ENGINE_OPTION */
  constructor(options: EngineOptions = {}) {
    this.audit = options.audit ?? new AuditLog();
    this.#maxProgramBytes = options.maxProgramBytes ?? 2 ** 28;
    const maxBytes = options.maxCacheBytes ?? 2 ** 30;
    this.#parts = {
      machine: this.#machine,
      audit: this.audit,
      offThreadFrom: options.offThreadFrom,
      tenants: new Tenants(options.tenants ?? {}, () => this.#machine.monotonicNow()),
      ceiling: new Ceiling(options.instances ?? {}),
      pace: new Pace(),
      counts: new InstanceCounts(options.metrics ?? {}),
      pools: new Pools(options.isolation ?? {}, this.#machine),
      cache: options.cache === false ? undefined : { directory: options.cache, maxBytes },
    };
    if (options.cache !== false) {
      const store = this.#machine.openCacheStore(options.cache, maxBytes);
      this.#cache = new CompileCache(store, this.#machine);
    }
  }

  /**
   * Compiles a program, or takes it from the cache.
   *
   * @param source the bytes, or the path or `file:` URL of a file
   * @param options.name how messages and argv[0] name it; the file's name by default
   * @throws ProgramError that says what the bytes are and what was expected
   */
  async compile(
    source: Uint8Array | ArrayBuffer | string | URL,
    options: { readonly name?: string } = {},
  ): Promise<Program> {
    const bytes = await this.#read(source);
    const name = options.name ?? nameOf(source);
    const kind = detect(bytes, name);
    if (bytes.length > this.#maxProgramBytes) throw tooLarge(name, bytes.length, this.#maxProgramBytes);
    const digest = this.#machine.sha256(bytes);
    const key = `${digest} ${name}`;
    let program = this.#programs.get(key);
    if (program === undefined) {
      program = this.#compile(bytes, { kind, digest, name, size: bytes.length });
      program.catch(() => this.#programs.delete(key));
    }
    // Last in the map is last to go.
    this.#programs.delete(key);
    this.#programs.set(key, program);
    if (this.#programs.size > MAX_PROGRAMS)
      this.#programs.delete(this.#programs.keys().next().value as string);
    return program;
  }

  /** Somebody for whom instances of this engine run: to look at what was used, to give other budgets, to start anew. */
  tenant(name: string): Tenant {
    return this.#parts.tenants.give(name);
  }

  /**
   * What all instances used and how they ended, up to now. Counting costs a guest nothing; reading takes a few microseconds for each
   * live instance. Of an isolated one there is what its worker said last: after each call, and at its end.
   */
  metrics(): EngineMetrics {
    const { ceiling, counts } = this.#parts;
    return {
      places: { taken: ceiling.taken, limit: ceiling.limit },
      waiting: ceiling.waiting,
      programsCompiled: this.#programsCompiled,
      tenants: counts.read(),
    };
  }

  async #compile(bytes: Uint8Array, description: ProgramDescription): Promise<Program> {
    const target = await compileTarget({ bytes, ...description }, this.#cache, this.#machine);
    const { instantiate } = await import('./instantiate.ts');
    this.#programsCompiled++;
    return new Program(description, bytes, target, this.#parts, instantiate);
  }

  async #read(source: Uint8Array | ArrayBuffer | string | URL): Promise<Uint8Array> {
    if (source instanceof Uint8Array) return source;
    if (source instanceof ArrayBuffer) return new Uint8Array(source);
    try {
      return await this.#machine.readFile(source);
    } catch (cause) {
      if (cause instanceof BailiwickError) throw cause;
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
      throw new ProgramError(
        'BW_PROGRAM_UNREADABLE',
        `The program ${JSON.stringify(nameOf(source))} cannot be read: ${code}.`,
        {
          cause,
          hint: 'Check the path; URLs must begin with file:.',
        },
      );
    }
  }
}

/** @returns the last component of a path, never the directories: they are the host's business. */
function nameOf(source: Uint8Array | ArrayBuffer | string | URL): string {
  if (typeof source !== 'string' && !(source instanceof URL)) return 'program.wasm';
  const last =
    (typeof source === 'string' ? source : source.pathname).split(/[/\\]/).at(-1) || 'program.wasm';
  if (typeof source === 'string') return last;
  try {
    return decodeURIComponent(last);
  } catch {
    // Not every URL is well encoded; reading it fails with a better message.
    return last;
  }
}

function tooLarge(name: string, size: number, bound: number): ProgramError {
  return new ProgramError(
    'BW_PROGRAM_TOO_LARGE',
    `${name} has ${size} bytes; this engine compiles programs of up to ${bound}.`,
    { hint: 'Raise maxProgramBytes of the engine.' },
  );
}
