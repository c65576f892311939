import type { Lowerings } from '../abi/lowering.ts';
import type { OutputStream } from '../io/streams.ts';
import type { Bindings } from '../plain/resource.ts';

/** wasi:cli/stderr */
export interface Stderr {
  readonly getStderr: () => OutputStream;
}

export function stderr(bindings: Bindings): Stderr {
  return {
    // get-stderr: func() -> output-stream
    getStderr() {
      const { context } = bindings;
      context.takeHandle('stderr', 'stderr');
      return bindings.make('output-stream', context.host.stderr);
    },
  };
}

export const stderrLowerings: Lowerings = {
  'get-stderr': {
    resources: ['output-stream'],
    lower:
      (context, { handles }) =>
      (): number => {
        context.takeHandle('stderr', 'stderr');
        return handles['output-stream'].add(context.host.stderr);
      },
  },
};
