import { ExitSignal } from '../../../src/virtual/host.ts';
import type { Lowerings } from '../abi/lowering.ts';
import { checked } from '../abi/values.ts';

/** wasi:cli/exit */
export interface Exit {
  readonly exit: (status: { readonly tag: 'ok' | 'err' }) => never;
  readonly exitWithCode: (statusCode: number) => never;
}

export function exit(): Exit {
  return {
    // exit: func(status: result)
    exit: ({ tag }) => exitWith(tag === 'ok' ? 0 : 1),
    // exit-with-code: func(status-code: u8)
    exitWithCode: exitWith,
  };
}

export const exitLowerings: Lowerings = {
  exit: { lower: () => (status: number) => exitWith(checked(status, 1)) },
  'exit-with-code': { lower: () => (statusCode: number) => exitWith(statusCode & 0xff) },
};

function exitWith(code: number): never {
  // The way out through the guest's frames; it is no error.
  throw new ExitSignal(code) as unknown as Error;
}
