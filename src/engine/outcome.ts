import type { OutcomeRecord } from '../audit/records.ts';
import { BailiwickError, InstanceError } from '../errors.ts';
import { formatDuration } from '../policy/index.ts';
import { ExitSignal, GuestTrap } from '../virtual/host.ts';

/** How a run ended. A guest's own failure, a trap, a passed limit and a fault of the host look different. */
export type Outcome =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'trap'; readonly reason: string }
  /** @property limit `limits.deadline`, `limits.cpu` (values in nanoseconds), `limits.fuel`, … */
  | { readonly kind: 'limit'; readonly limit: string; readonly value: number }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'host-error'; readonly error: unknown };

/** How an instance ended, or why a start came to nothing before any of the guest ran. */
export type StartOutcome =
  | Outcome
  /** @property code of the error that `instantiate` threw */
  | { readonly kind: 'denied-at-start'; readonly code: string };

/** What was asked of an instance cannot be, because it has ended. */
export class InstanceEndedError extends InstanceError {
  readonly outcome: Outcome;

  /** @internal */
  constructor(outcome: Outcome, ...args: ConstructorParameters<typeof InstanceError>) {
    super(...args);
    this.outcome = outcome;
  }
}

/**
 * Tells why `program.instantiate()` failed: the start was denied, or the guest ended while it started, which is how any instance
 * ends.
 *
 * @param error what it threw
 */
export function startOutcome(error: unknown): StartOutcome {
  if (error instanceof InstanceEndedError) return error.outcome;
  if (error instanceof BailiwickError) return { kind: 'denied-at-start', code: error.code };
  return { kind: 'host-error', error };
}

/** Exit codes of the command for outcomes that have none: 128 + SIGABRT, and timeout(1)'s. */
const TRAP_CODE = 134;
const LIMIT_CODE = 124;
const OUR_ERROR_CODE = 125;
const CANCELLED_CODE = 130;

const STACK_OVERFLOW = 'Maximum call stack size exceeded';

/** @returns the exit code that a command ends with. */
export function exitCodeOf(outcome: Outcome): number {
  switch (outcome.kind) {
    case 'exit':
      return outcome.code;
    case 'trap':
      return TRAP_CODE;
    case 'limit':
      return LIMIT_CODE;
    case 'cancelled':
      return CANCELLED_CODE;
    case 'host-error':
      return OUR_ERROR_CODE;
  }
}

/** @returns the outcome that a value thrown through the guest's frames stands for. */
export function outcomeOf(thrown: unknown): Outcome {
  if (thrown instanceof ExitSignal) return { kind: 'exit', code: thrown.exitCode };
  if (thrown instanceof GuestTrap) return { kind: 'trap', reason: thrown.message };
  if (thrown instanceof WebAssembly.RuntimeError) return { kind: 'trap', reason: thrown.message };
  // The guest's frames fill the stack: V8 throws its own error, of the realm that the guest runs in. Other range errors
  // are a host function's.
  if (nameOf(thrown) === 'RangeError' && messageOf(thrown) === STACK_OVERFLOW) {
    return { kind: 'trap', reason: 'call stack exhausted' };
  }
  if (nameOf(thrown) === 'RuntimeError') return { kind: 'trap', reason: messageOf(thrown) };
  if (nameOf(thrown) === 'SuspendError') {
    return { kind: 'trap', reason: 'a blocking call where the guest cannot wait (a start function)' };
  }
  if (isException(thrown)) return { kind: 'trap', reason: 'an exception that the guest did not catch' };
  return { kind: 'host-error', error: thrown };
}

/** @returns the error for who calls an instance that ended so */
export function endedError(outcome: Outcome): InstanceEndedError {
  switch (outcome.kind) {
    case 'exit':
      return new InstanceEndedError(
        outcome,
        'BW_INSTANCE_ENDED',
        `The instance has ended: exit code ${outcome.code}.`,
      );
    case 'trap':
      return new InstanceEndedError(
        outcome,
        'BW_INSTANCE_TRAPPED',
        `The instance has trapped: ${outcome.reason}.`,
      );
    case 'limit':
      return new InstanceEndedError(
        outcome,
        'BW_INSTANCE_LIMIT',
        `The instance has passed ${describeLimit(outcome)}.`,
      );
    case 'cancelled':
      return new InstanceEndedError(
        outcome,
        'BW_INSTANCE_CLOSED',
        'The instance was closed during the call.',
      );
    case 'host-error':
      return new InstanceEndedError(outcome, 'BW_HOST_ERROR', 'A host function failed; the cause says how.', {
        cause: outcome.error,
      });
  }
}

/** Limits of which the value is a time. */
const TIMES: ReadonlySet<string> = new Set(['limits.deadline', 'limits.cpu', 'limits.slice']);

/** @returns `limits.cpu (200ms)` */
export function describeLimit({ limit, value }: Outcome & { readonly kind: 'limit' }): string {
  const text = TIMES.has(limit) && Number.isFinite(value) ? formatDuration(BigInt(value)) : String(value);
  return `${limit} (${text})`;
}

/** @returns the outcome as the log has it */
export function outcomeRecord(outcome: Outcome): OutcomeRecord {
  if (outcome.kind !== 'host-error') return outcome;
  // The message may hold what the embedder's function knows: only a code goes to the log.
  const { error } = outcome;
  return {
    kind: 'host-error',
    code: error instanceof Error && 'code' in error ? String(error.code) : 'BW_HOST_ERROR',
  };
}

/** What the instruction `throw` throws has no name, and the class of the realm that the guest runs in. */
function isException(thrown: unknown): boolean {
  return Object.prototype.toString.call(thrown) === '[object WebAssembly.Exception]';
}

function nameOf(thrown: unknown): unknown {
  return typeof thrown === 'object' && thrown !== null && 'name' in thrown ? thrown.name : undefined;
}

function messageOf(thrown: unknown): string {
  return typeof thrown === 'object' && thrown !== null && 'message' in thrown ? String(thrown.message) : '';
}
