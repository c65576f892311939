import type { HostInterface } from '../canonical-abi/host-function.ts';
import type { Context } from './context.ts';
import { httpClient } from './http/client.ts';
import { httpTypes } from './http/types.ts';

/** The interfaces of WASI 0.3 that the host has, without versions: `wasi:cli/environment`. */
export const HOST_INTERFACES: ReadonlyMap<string, HostInterface<Context>> = new Map<
  string,
  HostInterface<Context>
>([
  ['wasi:http/types', httpTypes],
  ['wasi:http/client', httpClient],
]);
