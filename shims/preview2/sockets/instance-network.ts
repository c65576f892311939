import type { Bindings } from '../plain/resource.ts';
import type { Network } from './network.ts';

/** wasi:sockets/instance-network */
export interface InstanceNetwork {
  readonly instanceNetwork: (bindings: Bindings) => Network;
}

export const instanceNetwork: InstanceNetwork = {
  // instance-network: func() -> network
  instanceNetwork(bindings) {
    // WIT has no error here: what is denied is what the network is used for.
    bindings.context.takeHandle('instance-network', 'network');
    return bindings.make('network', {});
  },
};
