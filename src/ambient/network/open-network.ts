import type { NetworkOptions } from '../../virtual/machine.ts';
import type { NetworkStack } from '../../virtual/network/stack.ts';

/** Opens this machine's network for one instance, through node:net, node:dgram, node:dns and node:http. */
export function openNetwork(_options: NetworkOptions): NetworkStack {
  throw new TypeError('not built yet');
}
