import type { InstanceRecorder } from '../audit/instance-recorder.ts';
import { InstanceError } from '../errors.ts';
import type { Grant } from '../kernel/grant.ts';
import type { Handle } from '../../shims/preview2/http/incoming-handler.ts';
import type { Host } from '../virtual/host.ts';
import type { IncomingRequestParts } from '../virtual/http/incoming-request.ts';
import { Calls } from './calls.ts';
import { type Exchange, exchange, exchangeAmongOthers } from './exchange.ts';
import type { InstanceExecutor } from './executor.ts';
import { CallAnswer, findExport, wrapExports } from './exports.ts';
import { toParts, toResponse, unfinished } from './fetch.ts';
import type { LinkedProgram } from './linked.ts';
import { MountFiles } from './mount-files.ts';
import type { OpenedMount } from './open-mounts.ts';
import { endedError, exitCodeOf, type Outcome, outcomeOf, outcomeRecord } from './outcome.ts';
import type { Tenant } from './tenants/tenant.ts';
import { readUsage, readUses, type Usage } from './usage.ts';

/** What a finished run gives. */
export interface RunResult {
  /** The guest's own code; 134 for a trap, 124 for a passed limit, 130 when cancelled, 125 for an error of the host. */
  readonly exitCode: number;
  readonly outcome: Outcome;
  readonly usage: Usage;
}

/** A grant of an instance as it stands, a copy; the end of an instance takes all of them back. */
export interface GrantUse extends Readonly<Pick<Grant, 'id' | 'section' | 'summary' | 'uses' | 'revoked'>> {}

/** Everything that an instance is made of; engine/instantiate.ts puts it together. */
export interface InstanceParts {
  readonly id: string;
  readonly tenant: Tenant;
  readonly host: Host;
  readonly grants: readonly Grant[];
  readonly mounts: readonly OpenedMount[];
  readonly executor: InstanceExecutor;
  readonly recorder: InstanceRecorder;
  readonly abort: AbortController;
  /** Resolves when something outside the guest ends it: its deadline, an interrupt. */
  readonly stopped: Promise<Outcome>;
  readonly monotonicNow: () => number;
  readonly openedAt: number;
}

/** One running program under one policy for one tenant. Made by `program.instantiate()`. */
export class Instance implements AsyncDisposable {
  /** Unique among processes, too; the log names the instance by it. */
  readonly id: string;
  readonly tenant: string;
  readonly #parts: InstanceParts;
  readonly #linked: LinkedProgram;
  readonly #calls: Calls;
  #ended: Outcome | undefined;
  #unrecorded: { readonly error: unknown } | undefined;
  #usage: Usage | undefined;

  /** @internal */
  constructor(parts: InstanceParts, linked: LinkedProgram) {
    this.id = parts.id;
    this.tenant = parts.tenant.name;
    this.#parts = parts;
    this.#linked = linked;
    this.#calls = new Calls({
      outcome: () => this.#ended,
      end: (outcome) => void this.#end(outcome),
      turn: (goOn) => {
        parts.host.meter.calls++;
        parts.executor.turn(goOn);
      },
    });
    // A deadline ends an instance that nobody is calling, too.
    void parts.stopped.then((outcome) => this.#end(outcome));
    void linked.failed?.then((thrown) => this.#end(outcomeOf(thrown)));
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
      throw new InstanceError(
        'BW_INSTANCE_NOT_A_COMMAND',
        'The program is no command: it exports neither `_start` nor `wasi:cli/run`.',
        {
          hint: 'Use instance.call(name, …); instance.exports lists what there is.',
        },
      );
    }
    this.#calls.takeTurn();
    const entered = await this.#calls.enter(run);
    const ended = this.#end(entered.ended ?? { kind: 'exit', code: entered.value });
    this.#checkRecorded();
    return { exitCode: exitCodeOf(ended), outcome: ended, usage: this.usage() };
  }

  /**
   * Calls an export. Names of a component's interfaces are written `interface#function`: `acme:kv/store#get`.
   *
   * @returns what the export returns
   * @throws InstanceError when there is no such export, or the guest exits, traps or passes a limit; the instance has
   *   ended then and refuses further calls. Of a component of WASI 0.3, also BW_CALL_ARGUMENT, and where the result is an
   *   error, an error with that as its `payload`; the instance lives on
   */
  async call(name: string, ...args: readonly unknown[]): Promise<unknown> {
    const target = findExport(this.#linked.exports, name);
    this.#calls.takeTurn();
    const entered = await this.#calls.enter(async () => target(...args));
    if (entered.ended !== undefined) throw endedError(entered.ended);
    return entered.value instanceof CallAnswer ? entered.value.settle() : entered.value;
  }

  /**
   * Hands a request to the program's `wasi:http/incoming-handler`, or `wasi:http/handler` of WASI 0.3. Bodies stream both ways,
   * as fast as the slower side takes them. The promise resolves with the head of the answer, while the program goes on to write
   * its body: {@link idle} tells when it has returned. Of WASI 0.2, an instance has one request at a time; further ones wait, in
   * order. Of WASI 0.3 it has all of them at once, and what ends the instance for one of them ends it for all.
   *
   * When the request is aborted, its body fails for the program, and so does what the program writes; one of WASI 0.3 is asked
   * to cancel the call as well. A program that pays no attention goes on until its deadline, or until the instance is closed.
   *
   * @throws InstanceError BW_INSTANCE_NOT_A_HANDLER, BW_INSTANCE_NO_RESPONSE, BW_INSTANCE_BUSY (1,024 requests wait, or are at
   *   work), or why the instance ended before it answered. Where the program ends after that, the body of the response fails,
   *   with BW_INSTANCE_RESPONSE_UNFINISHED or why it ended
   */
  async fetch(request: Request): Promise<Response> {
    this.#assertHandler();
    const { signal } = request;
    const answer = this.exchange(toParts(request), signal).then((exchange) => exchange.answer);
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const abort = (): void => {
      reject(signal.reason);
      // An answer that still comes is read by nobody.
      void answer.then(({ body }) => body.stream.close()).catch(() => undefined);
    };
    signal.addEventListener('abort', abort, { once: true });
    try {
      const served = await Promise.race([answer, aborted]);
      return toResponse(served, request, () => this.bodyError());
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /**
   * {@link fetch} without the classes of the Fetch API, for servers that have the parts already.
   *
   * @internal
   */
  async exchange(request: IncomingRequestParts, signal?: AbortSignal): Promise<Exchange> {
    this.#assertHandler();
    const { handle, handler } = this.#linked;
    try {
      this.#assertMayBeAsked();
      if (handler !== undefined) this.#calls.beginVisit(signal);
      else await this.#calls.waitForTurn(signal);
    } catch (error) {
      request.body.stream.close();
      throw error;
    }
    const ended = (): InstanceError | undefined => this.#endError();
    if (handler !== undefined) {
      const visit = (job: () => Promise<void>): Promise<InstanceError | undefined> =>
        this.#calls.visit(job).then(ended);
      return exchangeAmongOthers(handler, request, { enter: visit }, signal);
    }
    const enter = (job: () => Promise<void>): Promise<InstanceError | undefined> =>
      this.#calls.enter(job).then(ended, ended);
    return exchange(handle as Handle, request, { enter, ended });
  }

  /** @internal @returns why the body of a response did not get whole */
  bodyError(): InstanceError {
    return this.#endError() ?? unfinished();
  }

  /** Resolves when the instance is in no call, and none waits for it. */
  idle(): Promise<void> {
    return this.#calls.idle();
  }

  /**
   * The program's exports; functions give promises, because a guest may have to wait. Calls through here are not
   * different from {@link call}.
   */
  get exports(): Readonly<Record<string, unknown>> {
    return wrapExports(this.#linked.exports, (name, args) => this.call(name, ...args));
  }

  /** What the instance has consumed so far, or in all once it has ended. */
  usage(): Usage {
    const { host, monotonicNow, openedAt } = this.#parts;
    return this.#usage ?? readUsage(host.meter, monotonicNow() - openedAt, this.#linked.memories);
  }

  /** The rules that the instance holds, with how often each was used so far. */
  get grants(): readonly GrantUse[] {
    return this.#parts.grants.map(({ id, section, summary, uses, revoked }) => ({
      id,
      section,
      summary,
      uses,
      revoked,
    }));
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
      throw new InstanceError(
        'BW_GRANT_UNKNOWN',
        `The instance has no grant ${JSON.stringify(grantId)}; it has ${grants.map((each) => each.id).join(', ') || 'none'}.`,
      );
    }
    host.guard.revoke(grant);
    recorder.append({ kind: 'grant-revoked', grant: grant.id });
  }

  /**
   * The files of a mount: to export them, and to list, export or accept what an overlay changed. Works while the instance
   * runs, and after it has ended for as long as you keep it.
   *
   * @param grantId of a filesystem rule
   * @throws InstanceError BW_GRANT_UNKNOWN
   */
  files(grantId: string): MountFiles {
    const { mounts, host } = this.#parts;
    const found = mounts.find(({ mount }) => mount.grant.id === grantId);
    if (found === undefined) {
      const names = mounts.map(({ mount }) => mount.grant.id).join(', ') || 'none';
      throw new InstanceError(
        'BW_GRANT_UNKNOWN',
        `The instance has no mount ${JSON.stringify(grantId)}; it has ${names}.`,
      );
    }
    const { mount, reopen, openLower } = found;
    return new MountFiles({
      grant: mount.grant,
      open: () => (this.#ended === undefined ? mount.volume : reopen()),
      close: (volume) => {
        if (volume !== mount.volume) volume.close();
      },
      openLower,
      permit: (action) => host.guard.permitOwner(mount.grant, action),
      hasEnded: () => this.#ended !== undefined,
    });
  }

  /** How the instance ended, or undefined while it lives. */
  get outcome(): Outcome | undefined {
    return this.#ended;
  }

  /** Ends the instance: a running call is cancelled, files are closed, the log gets its last record. */
  async close(): Promise<void> {
    this.#end(this.#calls.underWay ? { kind: 'cancelled' } : { kind: 'exit', code: 0 });
    this.#checkRecorded();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #assertHandler(): void {
    const { handle, handler } = this.#linked;
    if (handle !== undefined || handler !== undefined) return;
    throw new InstanceError(
      'BW_INSTANCE_NOT_A_HANDLER',
      'The program handles no requests: it exports neither `wasi:http/incoming-handler` nor `wasi:http/handler`.',
      { hint: 'Use instance.run() for a command; instance.exports lists what there is.' },
    );
  }

  #assertMayBeAsked(): void {
    const { tenant, host } = this.#parts;
    const { requests } = tenant;
    if (requests === undefined || requests.take()) return;
    host.guard.limited(requests.name, requests.amount);
    throw new InstanceError(
      'BW_TENANT_REQUESTS',
      `The tenant ${JSON.stringify(tenant.name)} has used its budget of ${requests.amount} requests.`,
      { hint: 'Try again later.' },
    );
  }

  #endError(): InstanceError | undefined {
    return this.#ended && endedError(this.#ended);
  }

  /** Ends the instance, unless it has ended. @returns how it ended */
  #end(outcome: Outcome): Outcome {
    if (this.#ended !== undefined) return this.#ended;
    const { abort, executor, host, grants, recorder, tenant } = this.#parts;
    executor.end();
    tenant.closeInstance();
    this.#usage = this.usage();
    this.#ended = outcome;
    // Nobody reads the reason; without one, a DOMException with a stack trace is made for every instance.
    abort.abort(outcome.kind);
    this.#linked.dispose();
    host.filesystem.closeAll();
    host.network.closeAll();
    host.stdin.close();
    for (const grant of grants) host.guard.revoke(grant);
    this.#recordEnd(recorder, { ...this.#usage }, outcome);
    // In a call, frames of the guest may still be on a stack.
    if (this.#calls.none) this.#linked.recycle?.();
    this.#calls.interrupt(outcome);
    return outcome;
  }

  #recordEnd(recorder: InstanceRecorder, usage: Record<string, number>, outcome: Outcome): void {
    try {
      recorder.closed({ outcome: outcomeRecord(outcome), usage, uses: readUses(this.#parts.grants) });
    } catch (error) {
      // A deadline ends an instance from a timer, where nobody could catch it.
      this.#unrecorded = { error };
    }
  }

  /** Whoever ends the instance, or waits for its end, is told once that the log has no record of it. */
  #checkRecorded(): void {
    const unrecorded = this.#unrecorded;
    this.#unrecorded = undefined;
    if (unrecorded !== undefined) throw unrecorded.error;
  }
}
