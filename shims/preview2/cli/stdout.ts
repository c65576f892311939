import type { Lowerings } from '../abi/lowering.ts';
import type { OutputStream } from '../io/streams.ts';
import type { Bindings } from '../plain/resource.ts';

/** wasi:cli/stdout */
export interface Stdout {
  readonly getStdout: () => OutputStream;
}

export function stdout(bindings: Bindings): Stdout {
  return {
    // get-stdout: func() -> output-stream
    getStdout() {
      const { context } = bindings;
      context.takeHandle('stdout', 'stdout');
      return bindings.make('output-stream', context.host.stdout);
    },
  };
}

export const stdoutLowerings: Lowerings = {
  'get-stdout': {
    resources: ['output-stream'],
    lower:
      (context, { handles }) =>
      (): number => {
        context.takeHandle('stdout', 'stdout');
        return handles['output-stream'].add(context.host.stdout);
      },
  },
};
