import { ExitSignal, GuestTrap } from '../virtual/host.ts';

/** How a run ended. A guest's own failure, a trap, a passed limit and a fault of the host look different. */
export type Outcome =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'trap'; readonly reason: string }
  | { readonly kind: 'limit'; readonly limit: 'limits.deadline'; /** Nanoseconds. */ readonly value: number }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'host-error'; readonly error: unknown };

/** Exit codes of the command for outcomes that have none: 128 + SIGABRT, and timeout(1)'s. */
const TRAP_CODE = 134;
const LIMIT_CODE = 124;
const OUR_ERROR_CODE = 125;
const CANCELLED_CODE = 130;

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
  // The guest's frames fill the stack: V8 throws its own error, of the realm that the guest runs in.
  if (nameOf(thrown) === 'RangeError') return { kind: 'trap', reason: 'call stack exhausted' };
  if (nameOf(thrown) === 'RuntimeError') return { kind: 'trap', reason: messageOf(thrown) };
  if (nameOf(thrown) === 'SuspendError') {
    return { kind: 'trap', reason: 'a blocking call where the guest cannot wait (a start function)' };
  }
  return { kind: 'host-error', error: thrown };
}

function nameOf(thrown: unknown): unknown {
  return typeof thrown === 'object' && thrown !== null && 'name' in thrown ? thrown.name : undefined;
}

function messageOf(thrown: unknown): string {
  return typeof thrown === 'object' && thrown !== null && 'message' in thrown ? String(thrown.message) : '';
}
