import type { Lowerings } from '../abi/lowering.ts';
import type { InputStream } from '../io/streams.ts';
import type { Bindings } from '../plain/resource.ts';

/** wasi:cli/stdin */
export interface Stdin {
  readonly getStdin: () => InputStream;
}

export function stdin(bindings: Bindings): Stdin {
  return {
    // get-stdin: func() -> input-stream
    getStdin() {
      const { context } = bindings;
      context.takeHandle('stdin', 'stdin');
      return bindings.make('input-stream', context.host.stdin);
    },
  };
}

export const stdinLowerings: Lowerings = {
  'get-stdin': {
    resources: ['input-stream'],
    lower:
      (context, { handles }) =>
      (): number => {
        context.takeHandle('stdin', 'stdin');
        return handles['input-stream'].add(context.host.stdin);
      },
  },
};
