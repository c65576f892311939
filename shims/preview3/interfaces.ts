import type { HostInterface } from '../canonical-abi/host-function.ts';
import type { Context } from './context.ts';

/** The interfaces of WASI 0.3 that the host has, without versions: `wasi:cli/environment`. */
export const HOST_INTERFACES: ReadonlyMap<string, HostInterface<Context>> = new Map<
  string,
  HostInterface<Context>
>([]);
