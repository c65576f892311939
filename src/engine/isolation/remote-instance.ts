import { escapeText } from '../../audit/escape-text.ts';
import type { InstanceRecorder } from '../../audit/instance-recorder.ts';
import type { AuditEvent } from '../../audit/records.ts';
import { InstanceError } from '../../errors.ts';
import type { IncomingRequestParts } from '../../virtual/http/incoming-request.ts';
import type { InputStream, OutputStream } from '../../virtual/io/streams.ts';
import type { Exchange } from '../exchange.ts';
import { findExport, wrapExports } from '../exports.ts';
import { fetchThrough, unfinished } from '../fetch.ts';
import type { GrantUse, Instance, RunResult } from '../instance.ts';
import type { MountFiles } from '../mount-files.ts';
import { endedError, exitCodeOf, type Outcome, outcomeRecord } from '../outcome.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { unknownGrant } from '../unknown-grant.ts';
import type { Usage } from '../usage.ts';
import type { FilesAction, Question, WireExports, WireOpened, WireState } from './protocol.ts';
import { HostedBudgets } from './hosted-budgets.ts';
import { bodyOf, type Chunk, nextChunk } from './pulled-stream.ts';
import { RemoteExchanges } from './remote-exchanges.ts';
import { remoteFiles } from './remote-files.ts';
import type { Place } from './pool.ts';
import { OrderedOutput } from './ordered-output.ts';
import { isUncloneable, outcomeFromWire, uncrossable } from './wire-errors.ts';
import { type Hosted, withTimeout, workerError } from './worker-handle.ts';

/** Milliseconds that a worker has to do what ends an instance, or takes something from it, before it is ended itself. */
export const GRACE = 1000;

export interface RemoteParts {
  readonly id: string;
  readonly tenant: Tenant;
  readonly place: Place;
  readonly recorder: InstanceRecorder;
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Nanoseconds; undefined: none. */
  readonly deadline: number | undefined;
  readonly monotonicNow: () => number;
  readonly openedAt: number;
  /** Gives back the places that were taken in the engine and of the tenant. */
  readonly leave: (outcome: Outcome) => void;
  /** Gives back the place in the worker. */
  readonly giveBack: () => void;
  /** The same, but only once somebody else needs it. */
  readonly lend: () => void;
  /** Whether it has files that somebody may want when it has ended. */
  readonly hasFiles: boolean;
}

/** An instance behind a wall. */
export class RemoteInstance implements Instance, Hosted {
  readonly id: string;
  readonly tenant: string;
  readonly #parts: RemoteParts;
  readonly #exchanges: RemoteExchanges;
  readonly #budgets: HostedBudgets;
  readonly #outputs: Readonly<Record<'stdout' | 'stderr', OrderedOutput>>;
  #state: Pick<WireState, 'usage' | 'grants'> | undefined;
  #names: WireExports = {};
  #outcome: Outcome | undefined;
  #closing = false;
  #isLate = false;
  #denials = 0;
  #hasOpened = false;
  #hasClosed = false;
  #mayGiveBack = false;
  /** Nobody waits any more for what the instance has written to arrive. */
  readonly #abandoned: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  #unrecorded: { readonly error: unknown } | undefined;
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(parts: RemoteParts) {
    this.id = parts.id;
    this.tenant = parts.tenant.name;
    this.#parts = parts;
    this.#budgets = new HostedBudgets(parts.tenant, parts.monotonicNow);
    this.#outputs = { stdout: new OrderedOutput(parts.stdout), stderr: new OrderedOutput(parts.stderr) };
    this.#exchanges = new RemoteExchanges(parts.place, () => {
      if (this.#mayGiveBack) this.#giveBack();
    });
    // In the worker it ends by itself, unless something keeps that from it.
    if (parts.deadline !== undefined && parts.deadline / 1e6 + GRACE < 2 ** 31)
      this.#timer = setTimeout(
        () => {
          this.#isLate = true;
          this.#terminate();
        },
        parts.deadline / 1e6 + GRACE,
      );
  }

  /** @internal It is open. */
  opened({ exports, state }: WireOpened): void {
    this.#names = exports;
    this.state(state);
  }

  async run(): Promise<RunResult> {
    if (this.#outcome !== undefined) throw endedError(this.#outcome);
    try {
      await this.#peer.request('run', this.#number);
    } catch (error) {
      // Ended by force, which is how the run ended.
      if (this.#outcome === undefined || !isOfWorker(error)) throw error;
    }
    await this.#written();
    // The worker tells how it ended before it says that it has run.
    const outcome = this.outcome as Outcome;
    this.#checkRecorded();
    return { exitCode: exitCodeOf(outcome), outcome, usage: this.usage() };
  }

  async call(name: string, ...args: readonly unknown[]): Promise<unknown> {
    findExport(this.exports, name);
    const value = await this.#ask(() => this.#peer.request('call', this.#number, name, args));
    await this.#written();
    return value;
  }

  fetch(request: Request): Promise<Response> {
    return fetchThrough(this, request);
  }

  async exchange(request: IncomingRequestParts, signal?: AbortSignal): Promise<Exchange> {
    const { answer, done } = await this.#ask(async () => this.#exchanges.begin(request, signal));
    return { answer: this.#orEnded(answer), done };
  }

  bodyError(): Error {
    return this.#outcome === undefined ? unfinished() : endedError(this.#outcome);
  }

  async idle(): Promise<void> {
    await this.#peer.request('idle', this.#number).catch(() => undefined);
  }

  get exports(): Readonly<Record<string, unknown>> {
    const functions = (names: WireExports): Record<string, unknown> =>
      Object.fromEntries(
        Object.entries(names).map(([name, value]) => [
          name,
          value === true ? () => undefined : functions(value),
        ]),
      );
    return wrapExports(functions(this.#names), (name, args) => this.call(name, ...args));
  }

  usage(): Usage {
    const { usage } = this.#state as WireState;
    if (this.#outcome !== undefined) return usage;
    const { monotonicNow, openedAt } = this.#parts;
    return { ...usage, wallTime: monotonicNow() - openedAt };
  }

  get grants(): readonly GrantUse[] {
    return (this.#state as WireState).grants;
  }

  revoke(grantId: string): void {
    const names = this.grants.map(({ id }) => id);
    if (!names.includes(grantId)) throw unknownGrant('grant', grantId, names);
    void withTimeout(this.#peer.request('revoke', this.#number, grantId), GRACE, () =>
      this.#terminate(),
    ).catch(() => undefined);
  }

  files(grantId: string): MountFiles {
    const ask = (action: FilesAction): Promise<unknown> =>
      this.#peer.request('files', this.#number, grantId, action);
    return remoteFiles(this.grants, grantId, ask);
  }

  get outcome(): Outcome | undefined {
    return this.#outcome;
  }

  async close(): Promise<void> {
    this.#abandoned.resolve();
    if (this.#outcome === undefined) {
      this.#closing = true;
      await withTimeout(this.#peer.request('close', this.#number), GRACE, () => this.#terminate()).catch(
        (error: unknown) => {
          if (this.#outcome === undefined) throw error;
        },
      );
    }
    this.#giveBack();
    this.#checkRecorded();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal The opening failed. */
  failed(): void {
    clearTimeout(this.#timer);
    this.#parts.stdin.close();
    this.#giveBack();
  }

  // What the worker asks for.

  /** @internal */
  answer(question: Question): number {
    if (question.about !== 'record') return this.#budgets.answer(question);
    this.#record(question.event);
    return 0;
  }

  /** @internal */
  output(stream: 'stdout' | 'stderr', bytes: Uint8Array): Promise<void> {
    return this.#outputs[stream].write(bytes);
  }

  /** @internal */
  input(): Promise<Chunk> {
    return nextChunk(bodyOf(this.#parts.stdin));
  }

  /** @internal */
  closeInput(): void {
    this.#parts.stdin.close();
  }

  /** @internal */
  requestBody(request: number): Promise<Chunk> {
    return this.#exchanges.requestBody(request);
  }

  /** @internal */
  closeRequest(request: number): void {
    this.#exchanges.closeRequest(request);
  }

  /** @internal */
  state({ usage, grants, outcome }: WireState): void {
    this.#state = { usage, grants };
    if (outcome !== undefined) this.#end(outcomeFromWire(outcome));
  }

  /** @internal */
  gone(reason: string): void {
    if (this.#outcome !== undefined) return;
    this.#end(this.#outcomeOfWorker(reason));
    if (!this.#hasOpened || this.#hasClosed) return;
    const { usage, grants } = this.#state ?? { usage: {}, grants: [] };
    try {
      this.#parts.recorder.append({
        kind: 'instance-closed',
        outcome: outcomeRecord(this.#outcome as unknown as Outcome),
        usage: { ...usage },
        uses: Object.fromEntries(grants.map(({ id, uses }) => [id, uses])),
        denials: { total: this.#denials, distinct: this.#denials },
      });
    } catch (error) {
      this.#unrecorded = { error };
    }
  }

  get #peer(): Place['worker']['peer'] {
    return this.#parts.place.worker.peer;
  }

  get #number(): number {
    return this.#parts.place.number;
  }

  #outcomeOfWorker(reason: string): Outcome {
    if (this.#isLate)
      return { kind: 'limit', limit: 'limits.deadline', value: this.#parts.deadline as number };
    return this.#closing ? { kind: 'cancelled' } : { kind: 'host-error', error: workerError(reason) };
  }

  /** What the worker says of itself, in the words of the host's log: who it is about, only the host says. */
  #record(event: AuditEvent): void {
    const {
      v: _v,
      seq: _seq,
      time: _time,
      monotonic: _monotonic,
      tenant: _tenant,
      instance: _instance,
      ...own
    } = event as AuditEvent & Record<string, unknown>;
    this.#parts.recorder.append(own);
    if (event.kind === 'instance-opened') this.#hasOpened = true;
    if (event.kind === 'instance-closed') this.#hasClosed = true;
    if (event.kind === 'denial') this.#denials++;
  }

  /** @throws what the worker throws; once the instance has ended by force, how */
  async #ask<T>(ask: () => Promise<T>): Promise<T> {
    if (this.#outcome !== undefined) throw endedError(this.#outcome);
    return this.#orEnded(ask());
  }

  async #orEnded<T>(asked: Promise<T>): Promise<T> {
    try {
      return await asked;
    } catch (error) {
      if (isUncloneable(error)) throw uncrossable(escapeText((error as Error).message));
      if (this.#outcome !== undefined && isOfWorker(error)) throw endedError(this.#outcome);
      throw error;
    }
  }

  #end(outcome: Outcome): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    clearTimeout(this.#timer);
    this.#parts.stdin.close();
    this.#exchanges.closeRequests();
    this.#parts.leave(outcome);
    if (!this.#parts.hasFiles) this.#giveBack();
    else setTimeout(this.#parts.lend, GRACE).unref();
  }

  /** What the guest wrote has arrived, as it has when a guest of this thread returns; a slow target gets the time of the guest. */
  async #written(): Promise<void> {
    const { stdout, stderr } = this.#outputs;
    const arrived = Promise.race([Promise.all([stdout.idle(), stderr.idle()]), this.#abandoned.promise]).then(
      () => undefined,
    );
    const { deadline, monotonicNow, openedAt } = this.#parts;
    if (deadline === undefined || deadline / 1e6 >= 2 ** 31) return arrived;
    const left = Math.max(0, deadline - (monotonicNow() - openedAt)) / 1e6;
    return withTimeout(arrived, left, () => this.#abandoned.resolve());
  }

  #giveBack(): void {
    this.#mayGiveBack = true;
    if (this.#exchanges.areRead) this.#parts.giveBack();
  }

  #terminate(): void {
    this.#parts.place.worker.terminate();
  }

  #checkRecorded(): void {
    const unrecorded = this.#unrecorded;
    this.#unrecorded = undefined;
    if (unrecorded !== undefined) throw unrecorded.error;
  }
}

function isOfWorker(error: unknown): boolean {
  return error instanceof InstanceError && error.code === 'BW_ISOLATION_WORKER';
}
