import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeMachine } from '../../../../src/ambient/machine.ts';
import type { IpAddress } from '../../../../src/policy/address/ip-address.ts';
import { type NetworkError, NetworkFailure } from '../../../../src/virtual/network/network-error.ts';
import type { NetworkStack } from '../../../../src/virtual/network/stack.ts';
import { VirtualNetwork } from '../../../../src/virtual/network/virtual-network.ts';
import { dnsServer } from '../../../support/dns-server.ts';
import type { GuestRules } from '../../virtual/network/network-guest.ts';
import { SocketsGuest } from './sockets-guest.ts';

let guest: SocketsGuest;
let stack: NetworkStack;
beforeEach(() => {
  const network = new VirtualNetwork();
  stack = network.host('a').open(nodeMachine);
  network.host('db');
});
afterEach(() => {
  guest.end();
  expect(guest.handles).toBe(0);
});

function instance(rules: GuestRules): SocketsGuest {
  return (guest = new SocketsGuest(stack, rules));
}

test('an address is its own answer, without a rule', async () => {
  instance({});
  expect(await guest.lookUp('192.0.2.1')).toEqual(['192.0.2.1']);
  expect(await guest.lookUp('2001:db8::1')).toEqual(['2001:db8::1']);
  expect(guest.refusals).toEqual([]);
});

test('a name that a rule has gives all its addresses', async () => {
  instance({ dns: [{ names: ['db'] }] });
  const addresses = await guest.lookUp('db');
  expect(addresses).toHaveLength(2);
  expect(addresses[0]).toMatch(/^198\.18\./);
});

test('what is no name, and what is not there', async () => {
  instance({ dns: [{ names: ['*.test'] }] });
  expect(await guest.lookUp('no name')).toBe('invalid-argument');
  expect(await guest.lookUp('nobody.test')).toBe('name-unresolvable');
});

test('without a rule it is denied, and on record', async () => {
  instance({ dns: [{ names: ['db'] }] });
  expect(await guest.lookUp('other')).toBe('access-denied');
  expect(guest.refusals).toEqual(['denied resolve-addresses other']);
});

test('a spent budget is temporary', async () => {
  instance({ dns: [{ names: ['db'], requests: { total: 1 } }] });
  expect(await guest.lookUp('db')).toHaveLength(2);
  expect(await guest.lookUp('db')).toBe('temporary-resolver-failure');
  expect(guest.refusals).toEqual(['limited resolve-addresses db (dns/0 budget.requests)']);
});

test('a rule that is taken back meanwhile denies it', async () => {
  instance({ dns: [{ names: ['db'] }] });
  const pending = guest.beginLookUp('db');
  guest.network.revoke(guest.network.dns[0]);
  expect(await pending.promise).toEqual({ tag: 'err', val: { tag: 'access-denied' } });
});

test('who gives up ends the question, and leaves nothing behind', async () => {
  let given: AbortSignal | undefined;
  stack.resolve = (_permit, _name, signal) => {
    given = signal;
    return new Promise<readonly IpAddress[]>((_, reject) => {
      signal.addEventListener('abort', () => reject(new NetworkFailure('connection-aborted')));
    });
  };
  instance({ dns: [{ names: ['db'], concurrent: 1 }] });
  const pending = guest.beginLookUp('db');
  await Promise.resolve();
  expect(await guest.lookUp('db')).toBe('temporary-resolver-failure');
  pending.cancel();
  expect(given?.aborted).toBe(true);
  await new Promise(setImmediate);
  guest.beginLookUp('db').cancel();
});

test.each<[NetworkError, string]>([
  ['permanent-resolver-failure', 'permanent-resolver-failure'],
  ['timeout', 'other: timeout'],
  ['unknown', 'other: undefined'],
])('a resolver that says %s', async (error, told) => {
  stack.resolve = async () => {
    throw new NetworkFailure(error);
  };
  instance({ dns: [{ names: ['db'] }] });
  expect(await guest.lookUp('db')).toBe(told);
});

test('asks a name server of the embedder', async () => {
  await using dns = await dnsServer({ 'a.test': [['192.0.2.7']], 'broken.test': ['SERVFAIL'] });
  const open = (): Promise<NetworkStack> => nodeMachine.openNetwork({ resolver: { servers: [dns.address] } });
  guest = new SocketsGuest(open, { dns: [{ names: ['*.test'] }] });
  expect(await guest.lookUp('a.test')).toEqual(['192.0.2.7']);
  expect(await guest.lookUp('broken.test')).toBe('temporary-resolver-failure');
  expect(await guest.lookUp('none.test')).toBe('name-unresolvable');
});
