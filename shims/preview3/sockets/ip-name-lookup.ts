import type { IpAddress } from '../../../src/policy/address/ip-address.ts';
import type { NetworkError } from '../../../src/virtual/network/network-error.ts';
import type { NameLookup } from '../../../src/virtual/network/network.ts';
import type { HostInterface, Implements } from '../../canonical-abi/host-function.ts';
import type { Result } from '../../canonical-abi/values.ts';
import { toPlainIp } from '../../socket-addresses.ts';
import type { Context } from '../context.ts';
import type { IpAddress as PlainAddress, IpNameLookupErrorCode, SocketsIpNameLookup } from '../wit.ts';
import { answerOf } from './waiting.ts';

type Resolved = Result<readonly PlainAddress[], IpNameLookupErrorCode>;

/** wasi:sockets/ip-name-lookup */
export const ipNameLookup: HostInterface<Context> = {
  functions: {
    // resolve-addresses: async func(name: string) -> result<list<ip-address>, error-code>
    'resolve-addresses': {
      waits({ host }, name) {
        const lookup = host.network.resolveAddresses(name);
        if (typeof lookup === 'string') return failed(lookup);
        return answerOf(
          lookup,
          () => lookup.next(),
          (first) => addressesFrom(first, lookup),
          () => lookup.close(),
        );
      },
    },
  } satisfies Implements<SocketsIpNameLookup, Context>,
  resources: {},
};

/** Once the first address is there, all are. A name that has none is as good as none. */
function addressesFrom(first: IpAddress | NetworkError | undefined, lookup: NameLookup): Resolved {
  const addresses: PlainAddress[] = [];
  for (let next = first; next !== undefined; next = lookup.next()) {
    if (typeof next === 'string') return failed(next);
    addresses.push(toPlainIp(next));
  }
  return addresses.length === 0 ? failed('name-unresolvable') : { tag: 'ok', val: addresses };
}

function failed(error: NetworkError): Resolved {
  switch (error) {
    case 'access-denied':
    case 'invalid-argument':
    case 'name-unresolvable':
    case 'temporary-resolver-failure':
    case 'permanent-resolver-failure':
      return { tag: 'err', val: { tag: error } };
    case 'unknown':
      return { tag: 'err', val: { tag: 'other', val: undefined } };
    default:
      return { tag: 'err', val: { tag: 'other', val: error } };
  }
}
