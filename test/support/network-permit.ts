import { GRANTED, Grant } from '../../src/kernel/grant.ts';
import { Guard } from '../../src/kernel/guard.ts';
import type { Permit } from '../../src/kernel/permit.ts';
import { type IpAddress, parseIpAddress } from '../../src/policy/address/ip-address.ts';

const guard = new Guard(
  { used: () => undefined, denied: () => undefined, owned: () => undefined, limited: () => undefined },
  'none',
);

/** What a stack is asked with: tests of a stack decide nothing. */
export const networkPermit: Permit = guard.permit(
  new Grant('sockets[0]', 'sockets', GRANTED, {}),
  GRANTED,
  'tcp-connect',
  'test',
) as Permit;

export function ip(text: string): IpAddress {
  const address = parseIpAddress(text);
  if (address === undefined) throw new TypeError(`no address: ${text}`);
  return address;
}
