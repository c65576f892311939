import type { HostInterface } from '../../canonical-abi/host-function.ts';
import type { Context } from '../context.ts';

/** wasi:cli/types: only types. */
export const cliTypes: HostInterface<Context> = { functions: {}, resources: {} };
