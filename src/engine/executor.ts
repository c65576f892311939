import { type Executor, type GuestFunction, type HostFunction, plainExecutor } from '../virtual/executor.ts';

/** An executor that can be ended: a guest that waits when its instance closes is never resumed. */
export interface InstanceExecutor extends Executor {
  end(): void;
}

/** Runs a guest on the host's own realm, for instances without a deadline. */
export class PlainInstanceExecutor implements InstanceExecutor {
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
  }

  /** A pending promise keeps the suspended stack only as long as something refers to it. */
  #whileOpen(answer: Promise<unknown>): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    answer.then(
      (value) => void (this.#ended || resolve(value)),
      (error: unknown) => void (this.#ended || reject(error)),
    );
    return promise;
  }
}
