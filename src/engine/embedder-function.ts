import { InstanceError } from '../errors.ts';
import { GuestTrap } from '../virtual/host.ts';

/**
 * A host function of the embedder's as guests call it. It must answer at once: WebAssembly, and jco's glue, would take a
 * promise for a number. It is out of reach once the instance has ended, which it may itself have brought about.
 *
 * @param name for the message
 * @param signal of the instance
 */
export function embedderFunction(
  name: string,
  call: (...args: unknown[]) => unknown,
  signal: AbortSignal,
): (...args: unknown[]) => unknown {
  return (...args) => {
    if (signal.aborted) throw new GuestTrap('the instance has ended');
    const answer = call(...args);
    if (!(answer instanceof Promise)) return answer;
    answer.catch(() => undefined);
    throw new InstanceError(
      'BW_IMPORT_ASYNC',
      `${name} answered a promise; host functions must answer at once.`,
    );
  };
}
