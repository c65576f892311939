import type { InstanceRecorder } from '../audit/instance-recorder.ts';
import type { OutcomeRecord } from '../audit/records.ts';
import { InstanceError } from '../errors.ts';
import type { Grant } from '../kernel/grant.ts';
import type { Host } from '../virtual/host.ts';
import type { InstanceExecutor } from './executor.ts';
import type { LinkedProgram } from './linked.ts';
import { exitCodeOf, type Outcome, outcomeOf } from './outcome.ts';
import { readUsage, readUses, type Usage } from './usage.ts';

/** What a finished run gives. */
export interface RunResult {
  /** The guest's own code; 134 for a trap, 124 for a passed limit, 130 when cancelled, 125 for an error of the host. */
  readonly exitCode: number;
  readonly outcome: Outcome;
  readonly usage: Usage;
}

/** Everything that an instance is made of; engine/instantiate.ts puts it together. */
export interface InstanceParts {
  readonly id: string;
  readonly tenant: string;
  readonly host: Host;
  readonly grants: readonly Grant[];
  readonly executor: InstanceExecutor;
  readonly recorder: InstanceRecorder;
  readonly abort: AbortController;
  /** Resolves when something outside the guest ends it: its deadline. */
  readonly stopped: Promise<Outcome>;
  readonly monotonicNow: () => number;
  readonly openedAt: number;
}

/** One running program under one policy for one tenant. Made by `program.instantiate()`. */
export class Instance implements AsyncDisposable {
  /** Unique in the process; the log names the instance by it. */
  readonly id: string;
  readonly tenant: string;
  readonly #parts: InstanceParts;
  readonly #linked: LinkedProgram;
  readonly #cancelled = Promise.withResolvers<Outcome>();
  #ended: Outcome | undefined;
  #running = false;
  #usage: Usage | undefined;

  /** @internal */
  constructor(parts: InstanceParts, linked: LinkedProgram) {
    this.id = parts.id;
    this.tenant = parts.tenant;
    this.#parts = parts;
    this.#linked = linked;
    // A deadline ends an instance that nobody is calling, too.
    void parts.stopped.then((outcome) => this.#end(outcome));
  }

  /**
   * Runs a command (`_start` of a core module, `wasi:cli/run` of a component) to its end. The instance is closed then.
   * How the guest ended is in the result: a trap or a passed limit does not throw.
   *
   * @throws InstanceError BW_INSTANCE_NOT_A_COMMAND, BW_INSTANCE_ENDED, BW_INSTANCE_BUSY
   */
  async run(): Promise<RunResult> {
    const { run } = this.#linked;
    if (run === undefined) {
      throw new InstanceError('BW_INSTANCE_NOT_A_COMMAND', 'The program is no command: it exports neither `_start` nor `wasi:cli/run`.', {
        hint: 'Use instance.call(name, …); instance.exports lists what there is.',
      });
    }
    const entered = await this.#enter(run);
    const outcome = entered.ended ?? { kind: 'exit', code: entered.value };
    this.#end(outcome);
    return { exitCode: exitCodeOf(this.#ended ?? outcome), outcome: this.#ended ?? outcome, usage: this.usage() };
  }

  /**
   * Calls an export. Names of a component's interfaces are written `interface#function`: `acme:kv/store#get`.
   *
   * @returns what the export returns
   * @throws InstanceError when there is no such export, or the guest exits, traps or passes a limit; the instance has
   *   ended then and refuses further calls
   */
  async call(name: string, ...args: readonly unknown[]): Promise<unknown> {
    const target = this.#find(name);
    const entered = await this.#enter(async () => target(...args));
    if (entered.ended === undefined) return entered.value;
    this.#end(entered.ended);
    throw endedError(entered.ended);
  }

  /**
   * The program's exports; functions give promises, because a guest may have to wait. Calls through here are not
   * different from {@link call}.
   */
  get exports(): Readonly<Record<string, unknown>> {
    return this.#wrap(this.#linked.exports, '');
  }

  /** What the instance has consumed so far, or in all once it has ended. */
  usage(): Usage {
    const { host, monotonicNow, openedAt } = this.#parts;
    return this.#usage ?? readUsage(host.meter, monotonicNow() - openedAt, this.#linked.memories);
  }

  /** The rules that the instance holds, with how often each was used. */
  get grants(): readonly Grant[] {
    return this.#parts.grants;
  }

  /**
   * Takes a grant back while the instance runs: open descriptors under it stop working, too.
   *
   * @throws InstanceError BW_GRANT_UNKNOWN
   */
  revoke(grantId: string): void {
    const { grants, host, recorder } = this.#parts;
    const grant = grants.find((each) => each.id === grantId);
    if (grant === undefined) {
      throw new InstanceError('BW_GRANT_UNKNOWN', `The instance has no grant ${JSON.stringify(grantId)}; it has ${grants.map((each) => each.id).join(', ') || 'none'}.`);
    }
    host.guard.revoke(grant);
    recorder.append({ kind: 'grant-revoked', grant: grant.id });
  }

  /** How the instance ended, or undefined while it lives. */
  get outcome(): Outcome | undefined {
    return this.#ended;
  }

  /** Ends the instance: a running call is cancelled, files are closed, the log gets its last record. */
  async close(): Promise<void> {
    const outcome: Outcome = this.#running ? { kind: 'cancelled' } : { kind: 'exit', code: 0 };
    this.#cancelled.resolve(outcome);
    this.#end(outcome);
    // One turn, so that a run that was cancelled settles before the caller goes on.
    await Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #enter<T>(job: () => Promise<T>): Promise<{ ended: Outcome } | { ended?: undefined; value: T }> {
    if (this.#ended !== undefined) throw endedError(this.#ended);
    if (this.#running) {
      throw new InstanceError('BW_INSTANCE_BUSY', 'The instance is in a call already; a second one may not enter before it returns.');
    }
    this.#running = true;
    const done = job().then(
      (value) => ({ value }),
      (thrown: unknown) => ({ ended: outcomeOf(thrown) }),
    );
    try {
      return await Promise.race([done, this.#parts.stopped.then(toEnd), this.#cancelled.promise.then(toEnd)]);
    } finally {
      this.#running = false;
    }
  }

  #end(outcome: Outcome): void {
    if (this.#ended !== undefined) return;
    this.#usage = this.usage();
    this.#ended = outcome;
    const { abort, executor, host, grants, recorder } = this.#parts;
    executor.end();
    abort.abort();
    this.#linked.dispose();
    host.filesystem.closeAll();
    host.stdin.close();
    for (const grant of grants) host.guard.revoke(grant);
    recorder.append({
      kind: 'instance-closed',
      outcome: toRecord(outcome),
      usage: { ...this.#usage },
      uses: readUses(grants),
      denials: recorder.denials,
    });
  }

  #find(name: string): (...args: readonly unknown[]) => Promise<unknown> {
    const [first = '', second] = name.split('#');
    const { exports } = this.#linked;
    const value = Object.hasOwn(exports, first) ? exports[first] : undefined;
    const target = second === undefined || !isRecord(value) || !Object.hasOwn(value, second) ? value : value[second];
    if (typeof target === 'function') return target as (...args: readonly unknown[]) => Promise<unknown>;
    throw new InstanceError('BW_INSTANCE_NO_EXPORT', `The program exports no function ${JSON.stringify(name)}; it exports ${Object.keys(exports).join(', ') || 'nothing'}.`);
  }

  #wrap(exports: Readonly<Record<string, unknown>>, prefix: string): Record<string, unknown> {
    return Object.fromEntries(
      Object.keys(exports).map((name) => {
        const value = exports[name];
        const path = prefix === '' ? name : `${prefix}#${name}`;
        if (typeof value === 'function') return [name, (...args: unknown[]) => this.call(path, ...args)];
        return [name, isRecord(value) && prefix === '' && !(value instanceof WebAssembly.Memory) ? this.#wrap(value, name) : value];
      }),
    );
  }
}

function toEnd(outcome: Outcome): { ended: Outcome } {
  return { ended: outcome };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function endedError(outcome: Outcome): InstanceError {
  switch (outcome.kind) {
    case 'exit':
      return new InstanceError('BW_INSTANCE_ENDED', `The instance has ended: exit code ${outcome.code}.`);
    case 'trap':
      return new InstanceError('BW_INSTANCE_TRAPPED', `The instance has trapped: ${outcome.reason}.`);
    case 'limit':
      return new InstanceError('BW_INSTANCE_LIMIT', `The instance has passed ${outcome.limit} (${outcome.value} ns).`);
    case 'cancelled':
      return new InstanceError('BW_INSTANCE_CLOSED', 'The instance was closed during the call.');
    case 'host-error':
      return new InstanceError('BW_HOST_ERROR', 'A host function failed; the cause says how.', { cause: outcome.error });
  }
}

function toRecord(outcome: Outcome): OutcomeRecord {
  if (outcome.kind !== 'host-error') return outcome;
  // The message may hold what the embedder's function knows: only a code goes to the log.
  const { error } = outcome;
  return { kind: 'host-error', code: error instanceof Error && 'code' in error ? String(error.code) : 'BW_HOST_ERROR' };
}
