import { ExitSignal } from '../../../src/virtual/host.ts';
import type { Lowerings } from '../abi/lowering.ts';
import { checked } from '../abi/values.ts';
import type { Context } from '../context.ts';

/** wasi:cli/exit */
export interface Exit {
  readonly exit: (status: { readonly tag: 'ok' | 'err' }) => never;
  readonly exitWithCode: (statusCode: number) => never;
}

export function exit(context: Context): Exit {
  return {
    // exit: func(status: result)
    exit: ({ tag }) => exitWith(context, tag === 'ok' ? 0 : 1),
    // exit-with-code: func(status-code: u8)
    exitWithCode: (statusCode) => exitWith(context, statusCode),
  };
}

export const exitLowerings: Lowerings = {
  exit: { lower: (context) => (status: number) => exitWith(context, checked(status, 1)) },
  'exit-with-code': { lower: (context) => (statusCode: number) => exitWith(context, statusCode & 0xff) },
};

function exitWith(context: Context, code: number): never {
  const signal = new ExitSignal(code);
  context.end(signal);
  // The way out through the guest's frames; it is no error.
  throw signal as unknown as Error;
}
