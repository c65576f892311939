import {
  AuditError,
  BailiwickError,
  BindingError,
  InstanceError,
  LinkError,
  ProgramError,
  VolumeError,
} from '../../errors.ts';
import { endedError, InstanceEndedError, type Outcome } from '../outcome.ts';

/** An error as it crosses a wall: without a stack, which names places of the other side. */
export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly code: string | undefined;
  readonly hint: string | undefined;
  readonly missing: readonly string[] | undefined;
  /** Of what a call answered in the place of a result. */
  readonly payload: { readonly value: unknown } | undefined;
  /** How the instance ended, where that is the error. */
  readonly outcome: WireOutcome | undefined;
}

export type WireOutcome =
  | Exclude<Outcome, { readonly kind: 'host-error' }>
  | { readonly kind: 'host-error'; readonly error: WireError };

const CLASSES = { AuditError, BindingError, InstanceError, ProgramError, VolumeError };

export function toWire(thrown: unknown): WireError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const of = (name: string): unknown =>
    name in error ? (error as unknown as Record<string, unknown>)[name] : undefined;
  // A DOMException has a number there.
  const text = (name: string): string | undefined => {
    const value = of(name);
    return typeof value === 'string' ? value : undefined;
  };
  if (isUncloneable(error)) return toWire(uncrossable(error.message));
  return {
    name: error.name,
    message: error.message,
    code: text('code'),
    hint: text('hint'),
    missing: of('missing') as readonly string[] | undefined,
    payload: 'payload' in error ? { value: error.payload } : undefined,
    outcome: error instanceof InstanceEndedError ? outcomeToWire(error.outcome) : undefined,
  };
}

export function fromWire({ name, message, code, hint, missing, payload, outcome }: WireError): Error {
  const details = hint === undefined ? {} : { hint };
  const error = make();
  if (payload !== undefined) Object.assign(error, { payload: payload.value });
  return error;

  function make(): Error {
    if (outcome !== undefined) return endedError(outcomeFromWire(outcome));
    if (name === 'LinkError') return new LinkError(message, missing ?? [], details);
    if (Object.hasOwn(CLASSES, name) && isCode(code))
      return new CLASSES[name as keyof typeof CLASSES](code, message, details);
    if (isCode(code)) return new BailiwickError(code, message, details);
    const other = name === 'TypeError' ? new TypeError(message) : new Error(message);
    if (code !== undefined) Object.assign(other, { code });
    return other;
  }
}

export function outcomeToWire(outcome: Outcome): WireOutcome {
  return outcome.kind === 'host-error' ? { kind: outcome.kind, error: toWire(outcome.error) } : outcome;
}

export function outcomeFromWire(outcome: WireOutcome): Outcome {
  return outcome.kind === 'host-error' ? { kind: outcome.kind, error: fromWire(outcome.error) } : outcome;
}

/** @returns the error for a value that exists on one side only */
export function uncrossable(reason: string): InstanceError {
  return new InstanceError(
    'BW_ISOLATION_VALUE',
    `A value cannot cross to or from an isolated instance: ${reason}`,
    {
      hint: 'Numbers, strings, bytes, lists and records can; resources, streams and functions cannot. Use isolation: "inline".',
    },
  );
}

/** Messages between threads fail with an error of a class of its own, those between processes with one that has none. */
export function isUncloneable(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === 'DataCloneError' || error.message.endsWith(' could not be cloned.'))
  );
}

function isCode(code: string | undefined): code is `BW_${string}` {
  return code?.startsWith('BW_') === true;
}
