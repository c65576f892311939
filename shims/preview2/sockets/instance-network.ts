import type { Lowerings } from '../abi/lowering.ts';
import type { Bindings } from '../plain/resource.ts';
import type { Network } from './network.ts';

export interface InstanceNetwork {
  readonly instanceNetwork: () => Network;
}

// WIT has no error here: what is denied is what the network is used for.
export function instanceNetwork(bindings: Bindings): InstanceNetwork {
  return {
    // instance-network: func() -> network
    instanceNetwork() {
      bindings.context.takeHandle('instance-network', 'network');
      return bindings.make('network', {});
    },
  };
}

/** wasi:sockets/instance-network */
export const instanceNetworkLowerings: Lowerings = {
  'instance-network': {
    resources: ['network'],
    lower:
      (context, { handles }) =>
      (): number => {
        context.takeHandle('instance-network', 'network');
        return handles.network.add({});
      },
  },
};
