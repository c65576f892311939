import type { Status } from '../error-code.ts';

/** What takes back the steps of an operation that fails half way, in the order of the steps. */
export type Undo = (() => void)[];

/** Does a thing of several steps as a whole: after an error, what its steps put into `undo` is called, last first. */
export function asWhole<Result>(act: (undo: Undo) => Result, failed: (result: Result) => boolean): Result {
  const undo: Undo = [];
  const result = act(undo);
  if (failed(result)) for (let i = undo.length - 1; i >= 0; i--) undo[i]?.();
  return result;
}

export function isFailure(status: Status): boolean {
  return status !== 0;
}
