import type { Lowerings } from '../abi/lowering.ts';
import { liftString } from '../abi/values.ts';
import { storeHandle, storeOk } from '../filesystem/results.ts';
import type { Pollable } from '../io/poll.ts';
import { StreamPollable } from '../io/pollable.ts';
import { type Bindings, PlainResource } from '../plain/resource.ts';
import { storeIpAddress } from './address-memory.ts';
import { type PlainIpAddress, toPlainIp } from '../../socket-addresses.ts';
import type { Network } from './network.ts';
import { storeError, throwError, unwrap } from './results.ts';
import { resolveAddresses } from './socket-operations.ts';
import { subscribe } from './subscribe.ts';

export interface IpNameLookup {
  readonly resolveAddresses: (network: Network, name: string) => ResolveAddressStream;
}

export function ipNameLookup(bindings: Bindings): IpNameLookup {
  return {
    // resolve-addresses: func(network: borrow<network>, name: string) -> result<resolve-address-stream, error-code>
    resolveAddresses(network, name) {
      // Traps when the guest has no such handle.
      void network.target;
      return bindings.make('resolve-address-stream', unwrap(resolveAddresses(bindings.context, name)));
    },
  };
}

export class ResolveAddressStream extends PlainResource<'resolve-address-stream'> {
  // resolve-next-address: func() -> result<option<ip-address>, error-code>
  resolveNextAddress(): PlainIpAddress | undefined {
    const address = this.target.next();
    if (typeof address === 'string') throwError(address);
    return address && toPlainIp(address);
  }

  // subscribe: func() -> pollable
  subscribe(): Pollable {
    this.bindings.context.takeHandle('resolve-addresses', 'pollable');
    return this.bindings.make('pollable', new StreamPollable(this.target));
  }
}

/** wasi:sockets/ip-name-lookup */
export const ipNameLookupLowerings: Lowerings = {
  'resolve-addresses': {
    resources: ['network', 'resolve-address-stream'],
    lower:
      (context, { memory, handles }) =>
      (network: number, pointer: number, length: number, result: number): void => {
        handles.network.get(network);
        const lookup = resolveAddresses(context, liftString(memory, pointer, length));
        if (typeof lookup === 'string') storeError(memory, result, 8, 4, lookup);
        else storeHandle(memory, result, handles['resolve-address-stream'].add(lookup));
      },
  },
  '[method]resolve-address-stream.resolve-next-address': {
    resources: ['resolve-address-stream'],
    lower:
      (_context, { memory, handles }) =>
      (self: number, result: number): void => {
        const address = handles['resolve-address-stream'].get(self).next();
        if (typeof address === 'string') {
          storeError(memory, result, 22, 2, address);
          return;
        }
        const at = storeOk(memory, result, 22, 2);
        memory.bytes[at] = address === undefined ? 0 : 1;
        if (address !== undefined) storeIpAddress(memory, at + 2, address);
      },
  },
  '[method]resolve-address-stream.subscribe': subscribe('resolve-address-stream', 'resolve-addresses'),
};
