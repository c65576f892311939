import { TICK_MODULE } from '../metering/tick-module.ts';
import { plainExecutor } from '../../virtual/executor.ts';

/** What a metered module calls when its counter is below zero. */
export interface TickFunctions {
  /** @param reason a {@link Reason}. @returns units that it may go on with, or an {@link Answer} */
  readonly tick: (counter: number, reason: number) => number;
  /** The guest is suspended until the promise settles. */
  readonly yield: () => Promise<void>;
}

/** Why it calls. */
export const Reason = {
  spent: 0,
  /** It was suspended, and goes on. */
  resumed: 1,
  /** It was to be suspended, but a frame of JavaScript is on its stack. */
  stuck: 2,
} as const;

/** Answers that are no units. */
export const Answer = {
  yield: -1,
  /** The guest traps; no handler of its own can catch that. */
  end: -2,
} as const;

let compiled: WebAssembly.Module | undefined;

/** @returns the function for the metered module's global */
export function instantiateTick({ tick, yield: wait }: TickFunctions): () => unknown {
  compiled ??= new WebAssembly.Module(TICK_MODULE);
  const imports = { '': { tick, yield: plainExecutor.suspending(wait) as WebAssembly.ImportValue } };
  const { exports } = plainExecutor.instantiate(compiled, imports);
  return exports['tick'] as () => unknown;
}
