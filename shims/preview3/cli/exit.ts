import { ExitSignal } from '../../../src/virtual/host.ts';
import type { HostInterface, Implements } from '../../canonical-abi/host-function.ts';
import type { Context } from '../context.ts';
import type { CliExit } from '../wit.ts';

/** wasi:cli/exit */
export const exit: HostInterface<Context> = {
  functions: {
    // exit: func(status: result)
    exit: (_context, { tag }) => exitWith(tag === 'ok' ? 0 : 1),
    // exit-with-code: func(status-code: u8)
    'exit-with-code': (_context, statusCode) => exitWith(statusCode),
  } satisfies Implements<CliExit, Context>,
  resources: {},
};

/** The way out through the guest's frames; it is no error. The runtime ends the instance with it. */
function exitWith(code: number): never {
  throw new ExitSignal(code) as unknown as Error;
}
