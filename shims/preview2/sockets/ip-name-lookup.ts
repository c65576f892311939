import { refuseLookup } from '../../../src/virtual/network/refusals.ts';
import { ComponentError } from '../plain/component-error.ts';
import type { Bindings } from '../plain/resource.ts';
import { unreachableClass } from '../plain/unreachable.ts';
import type { Network, NetworkError } from './network.ts';

/** wasi:sockets/ip-name-lookup */
export interface IpNameLookup {
  readonly resolveAddresses: (bindings: Bindings, network: Network, name: string) => never;
}

export const ipNameLookup: IpNameLookup = {
  // resolve-addresses: func(network: borrow<network>, name: string) -> result<resolve-address-stream, error-code>
  resolveAddresses({ context }, network, name) {
    // Traps when the guest has no such handle.
    void network.target;
    refuseLookup(context.host.guard, name);
    throw new ComponentError<NetworkError>('access-denied');
  },
};

export const ResolveAddressStream: new () => object = unreachableClass('resolve-address-stream', {
  methods: ['resolveNextAddress', 'subscribe'],
});
