import { SuspendedCalls } from './suspended-calls.ts';
import { type Executor, type GuestFunction, type HostFunction, plainExecutor } from '../virtual/executor.ts';

/** An executor that can be ended: a guest that waits when its instance closes is never resumed. */
export interface InstanceExecutor extends Executor {
  /** It runs metered modules: guests give way to others at the end of a slice, wherever they are. */
  readonly isMetered: boolean;
  /** Others would have to be let first. */
  readonly mustWait: boolean;
  /** Who is told when a guest gives way. */
  yields: YieldListener | undefined;
  /** Calls back when it is the guest's turn: at once, where nobody has to be let first. */
  turn(goOn: () => void): void;
  /** Like {@link instantiate}, for who can wait: so can the module's start function then. */
  instantiateWaiting(module: WebAssembly.Module, imports: WebAssembly.Imports): Promise<WebAssembly.Instance>;
  end(): void;
}

/** Of guests that keep a record of which of their stacks runs. */
export interface YieldListener {
  /** @returns false where frames of the host would be left behind on another stack */
  mayYield(): boolean;
  /** The stack that runs is about to be suspended. It is the next of the guest to go on. */
  yielded(): void;
}

/** What holds for executors that run a guest until it waits by itself. */
export abstract class UnmeteredExecutor {
  readonly isMetered = false;
  readonly mustWait = false;
  /** Nobody is ever told. */
  yields: YieldListener | undefined = undefined;

  abstract instantiate(module: WebAssembly.Module, imports: WebAssembly.Imports): WebAssembly.Instance;

  turn(goOn: () => void): void {
    goOn();
  }

  async instantiateWaiting(
    module: WebAssembly.Module,
    imports: WebAssembly.Imports,
  ): Promise<WebAssembly.Instance> {
    return this.instantiate(module, imports);
  }
}

/** Runs a guest on the host's own realm, for instances without a deadline. */
export class PlainInstanceExecutor extends UnmeteredExecutor implements InstanceExecutor {
  readonly #waiting = new SuspendedCalls();
  #ended = false;

  suspending(fn: HostFunction): HostFunction {
    const call = fn as (...args: unknown[]) => unknown;
    return plainExecutor.suspending((...args: unknown[]) => {
      const answer = call(...args);
      return answer instanceof Promise ? this.#whileOpen(answer) : answer;
    });
  }

  promising(fn: GuestFunction): (...args: readonly unknown[]) => Promise<unknown> {
    return plainExecutor.promising(fn);
  }

  instantiate(module: WebAssembly.Module, imports: WebAssembly.Imports): WebAssembly.Instance {
    return plainExecutor.instantiate(module, imports);
  }

  end(): void {
    this.#ended = true;
    this.#waiting.end();
  }

  #whileOpen(answer: Promise<unknown>): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.add(reject);
    const settle = (how: () => void): void => {
      if (this.#ended) return;
      this.#waiting.delete(reject);
      how();
    };
    answer.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
    return promise;
  }
}
