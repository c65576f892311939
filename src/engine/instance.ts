import type { Grant } from '../kernel/grant.ts';
import type { IncomingRequestParts } from '../virtual/http/incoming-request.ts';
import type { Exchange } from './exchange.ts';
import type { MountFiles } from './mount-files.ts';
import type { Outcome } from './outcome.ts';
import type { Usage } from './usage.ts';

/** What a finished run gives. */
export interface RunResult {
  /** The guest's own code; 134 for a trap, 124 for a passed limit, 130 when cancelled, 125 for an error of the host. */
  readonly exitCode: number;
  readonly outcome: Outcome;
  readonly usage: Usage;
}

/** A grant of an instance as it stands, a copy; the end of an instance takes all of them back. */
export interface GrantUse extends Readonly<Pick<Grant, 'id' | 'section' | 'summary' | 'uses' | 'revoked'>> {}

/** One running program under one policy for one tenant. Made by `program.instantiate()`. */
export interface Instance extends AsyncDisposable {
  /** Unique among processes, too; the log names the instance by it. */
  readonly id: string;
  readonly tenant: string;

  /**
   * Runs a command (`_start` of a core module, `wasi:cli/run` of a component) to its end. The instance is closed then.
   * How the guest ended is in the result: a trap or a passed limit does not throw.
   *
   * @throws InstanceError BW_INSTANCE_NOT_A_COMMAND, BW_INSTANCE_ENDED, BW_INSTANCE_BUSY
   */
  run(): Promise<RunResult>;

  /**
   * Calls an export. Names of a component's interfaces are written `interface#function`: `acme:kv/store#get`.
   *
   * @returns what the export returns
   * @throws InstanceError when there is no such export, or the guest exits, traps or passes a limit; the instance has
   *   ended then and refuses further calls. Of a component of WASI 0.3, also BW_CALL_ARGUMENT, and where the result is an
   *   error, an error with that as its `payload`; the instance lives on
   */
  call(name: string, ...args: readonly unknown[]): Promise<unknown>;

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
  fetch(request: Request): Promise<Response>;

  /**
   * {@link fetch} without the classes of the Fetch API, for servers that have the parts already.
   *
   * @internal
   */
  exchange(request: IncomingRequestParts, signal?: AbortSignal): Promise<Exchange>;

  /** @internal @returns why the body of a response did not get whole */
  bodyError(): Error;

  /** Resolves when the instance is in no call, and none waits for it. */
  idle(): Promise<void>;

  /**
   * The program's exports; functions give promises, because a guest may have to wait. Calls through here are not
   * different from {@link call}.
   */
  readonly exports: Readonly<Record<string, unknown>>;

  /** What the instance has consumed so far, or in all once it has ended. */
  usage(): Usage;

  /** The rules that the instance holds, with how often each was used so far. */
  readonly grants: readonly GrantUse[];

  /**
   * Takes a grant back while the instance runs: open descriptors under it stop working, too.
   *
   * @throws InstanceError BW_GRANT_UNKNOWN
   */
  revoke(grantId: string): void;

  /**
   * The files of a mount: to export them, and to list, export or accept what an overlay changed. Works while the instance
   * runs, and after it has ended for as long as you keep it.
   *
   * @param grantId of a filesystem rule
   * @throws InstanceError BW_GRANT_UNKNOWN
   */
  files(grantId: string): MountFiles;

  /** How the instance ended, or undefined while it lives. */
  readonly outcome: Outcome | undefined;

  /** Ends the instance: a running call is cancelled, files are closed, the log gets its last record. */
  close(): Promise<void>;
}
