import type { HostInterface } from '../../canonical-abi/host-function.ts';
import type { Context } from '../context.ts';

/** wasi:clocks/types: only types. */
export const clocksTypes: HostInterface<Context> = { functions: {}, resources: {} };
