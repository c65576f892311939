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
import { fetchThrough, unfinished } from './fetch.ts';
import type { LinkedProgram } from './linked.ts';
import { InlineMountFiles } from './inline-mount-files.ts';
import type { GrantUse, Instance, RunResult } from './instance.ts';
import type { MountFiles } from './mount-files.ts';
import type { Leave } from './open-inline.ts';
import type { OpenedMount } from './open-mounts.ts';
import { endedError, exitCodeOf, type Outcome, outcomeOf, outcomeRecord } from './outcome.ts';
import type { TenantBounds } from './tenants/tenant-bounds.ts';
import { unknownGrant } from './unknown-grant.ts';
import { readUsage, readUses, type Usage } from './usage.ts';

/** Everything that an instance is made of; engine/open-inline.ts puts it together. */
export interface InstanceParts {
  readonly id: string;
  readonly tenant: TenantBounds;
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
  readonly leave: Leave;
}

/** An instance on the thread of the host. */
export class InlineInstance implements Instance {
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

  async call(name: string, ...args: readonly unknown[]): Promise<unknown> {
    const target = findExport(this.#linked.exports, name);
    this.#calls.takeTurn();
    const entered = await this.#calls.enter(async () => target(...args));
    if (entered.ended !== undefined) throw endedError(entered.ended);
    return entered.value instanceof CallAnswer ? entered.value.settle() : entered.value;
  }

  async fetch(request: Request): Promise<Response> {
    this.#assertHandler();
    return fetchThrough(this, request);
  }

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

  bodyError(): InstanceError {
    return this.#endError() ?? unfinished();
  }

  idle(): Promise<void> {
    return this.#calls.idle();
  }

  get exports(): Readonly<Record<string, unknown>> {
    return wrapExports(this.#linked.exports, (name, args) => this.call(name, ...args));
  }

  usage(): Usage {
    if (this.#usage !== undefined) return this.#usage;
    const { host, monotonicNow, openedAt, recorder } = this.#parts;
    return readUsage(host.meter, monotonicNow() - openedAt, this.#linked.memories, recorder.denials.total);
  }

  get grants(): readonly GrantUse[] {
    return this.#parts.grants.map(({ id, section, summary, uses, revoked }) => ({
      id,
      section,
      summary,
      uses,
      revoked,
    }));
  }

  revoke(grantId: string): void {
    const { grants, host, recorder } = this.#parts;
    const grant = grants.find((each) => each.id === grantId);
    if (grant === undefined)
      throw unknownGrant(
        'grant',
        grantId,
        grants.map(({ id }) => id),
      );
    host.guard.revoke(grant);
    recorder.append({ kind: 'grant-revoked', grant: grant.id });
  }

  files(grantId: string): MountFiles {
    const { mounts, host } = this.#parts;
    const found = mounts.find(({ mount }) => mount.grant.id === grantId);
    if (found === undefined)
      throw unknownGrant(
        'mount',
        grantId,
        mounts.map(({ mount }) => mount.grant.id),
      );
    const { mount, reopen, openLower } = found;
    return new InlineMountFiles({
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

  get outcome(): Outcome | undefined {
    return this.#ended;
  }

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
    const { abort, executor, host, grants, recorder, leave } = this.#parts;
    executor.end();
    this.#usage = this.usage();
    leave(outcome, this.#usage);
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
