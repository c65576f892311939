import { expect } from 'vitest';
import { OperationBudget, type OperationLimit } from '../../../../src/kernel/budget.ts';
import { ByteBudget, Concurrency } from '../../../../src/kernel/byte-budget.ts';
import { compileEndpointMatcher } from '../../../../src/kernel/egress/compile-endpoint.ts';
import { compileNameMatcher } from '../../../../src/kernel/egress/compile-names.ts';
import { GRANTED, Grant } from '../../../../src/kernel/grant.ts';
import { parseHost } from '../../../../src/policy/address/host.ts';
import { formatIpAddress, type IpAddress } from '../../../../src/policy/address/ip-address.ts';
import { StreamStatus } from '../../../../src/virtual/io/streams.ts';
import type { InputStream, OutputStream } from '../../../../src/virtual/io/streams.ts';
import type { DnsEgressRule, SocketEgressRule } from '../../../../src/virtual/network/egress-rules.ts';
import type {
  DatagramStreams,
  NameLookup,
  Network,
  StreamPair,
  TcpSocket,
  UdpSocket,
  Waitable,
} from '../../../../src/virtual/network/network.ts';
import type { NetworkError } from '../../../../src/virtual/network/network-error.ts';
import { formatSocketAddress, type SocketAddress } from '../../../../src/virtual/network/socket-address.ts';
import type { NetworkStack } from '../../../../src/virtual/network/stack.ts';
import { type TestHost, testHost } from '../../../support/host.ts';

/** A `sockets` rule as in a policy, with its counters. */
export interface SocketRule {
  readonly protocol?: 'tcp' | 'udp';
  readonly connect?: string;
  readonly listen?: string;
  readonly addresses?: readonly string[];
  readonly operations?: OperationLimit;
  readonly sentBytes?: number;
  readonly receivedBytes?: number;
  readonly concurrent?: number;
}

export interface GuestRules {
  readonly sockets?: readonly SocketRule[];
  readonly dns?: readonly {
    readonly names: readonly string[];
    readonly requests?: OperationLimit;
    readonly concurrent?: number;
  }[];
}

/** An instance on a network, as far as its sockets go. Rules are called `sockets/0`, `dns/0` and so on. */
export class NetworkGuest {
  readonly sockets: readonly SocketEgressRule[];
  readonly dns: readonly DnsEgressRule[];
  readonly network: Network;
  readonly test: TestHost;
  /** Nanoseconds that its clock is ahead. */
  ahead = 0;

  constructor(stack: NetworkStack | (() => Promise<NetworkStack>), rules: GuestRules) {
    this.sockets = (rules.sockets ?? []).map(socketRule);
    this.dns = (rules.dns ?? []).map(dnsRule);
    this.test = testHost({
      egress: {
        rules: { http: [], sockets: this.sockets, dns: this.dns },
        stack: typeof stack === 'function' ? stack : async () => stack,
        now: () => this.ahead,
      },
    });
    this.network = this.test.host.network;
  }

  /** What is on record besides first uses: `denied tcp-connect tcp 10.0.0.1:80 (sockets/0)`. */
  get refusals(): readonly string[] {
    return this.test.records
      .filter(({ kind }) => kind !== 'used')
      .map(({ kind, grant, request: { operation, subject } }) => {
        return `${kind} ${operation} ${subject}${grant === undefined ? '' : ` (${grant})`}`;
      });
  }

  get uses(): readonly string[] {
    return this.test.records
      .filter(({ kind }) => kind === 'used')
      .map(({ grant, request: { operation, subject } }) => `${operation} ${subject} (${grant ?? ''})`);
  }

  revoke(rule: { readonly grant: Grant } | undefined): void {
    this.test.host.guard.revoke((rule ?? expect.fail('no such rule')).grant);
  }

  tcp(family: 'ipv4' | 'ipv6' = 'ipv4'): TcpSocket {
    return ok(this.network.createTcpSocket(family));
  }

  udp(family: 'ipv4' | 'ipv6' = 'ipv4'): UdpSocket {
    return ok(this.network.createUdpSocket(family));
  }

  async bind(socket: TcpSocket | UdpSocket, local: string): Promise<NetworkError | undefined> {
    return socket.startBind(at(local)) ?? (await finish(socket, () => socket.finishBind()));
  }

  async connect(socket: TcpSocket, remote: string): Promise<StreamPair | NetworkError> {
    return socket.startConnect(at(remote)) ?? (await finish(socket, () => socket.finishConnect()));
  }

  /** A socket that listens. */
  async listen(local: string): Promise<TcpSocket> {
    const socket = this.tcp(at(local).address.family === 4 ? 'ipv4' : 'ipv6');
    expect(await this.bind(socket, local)).toBeUndefined();
    expect(socket.startListen()).toBeUndefined();
    expect(await finish(socket, () => socket.finishListen())).toBeUndefined();
    return socket;
  }

  /** A connection of its own. */
  async dial(remote: string): Promise<{ readonly socket: TcpSocket } & StreamPair> {
    const socket = this.tcp(at(remote).address.family === 4 ? 'ipv4' : 'ipv6');
    const { input, output } = ok(await this.connect(socket, remote));
    return { socket, input, output };
  }

  async accept(listener: TcpSocket): Promise<{ readonly socket: TcpSocket } & StreamPair> {
    return ok(await finish(listener, () => listener.accept()));
  }

  /** A bound UDP socket with streams for any peer. */
  async datagrams(local: string): Promise<{ readonly socket: UdpSocket } & DatagramStreams> {
    const socket = this.udp(at(local).address.family === 4 ? 'ipv4' : 'ipv6');
    expect(await this.bind(socket, local)).toBeUndefined();
    return { socket, ...streams(socket) };
  }

  /** All addresses that a lookup gives, or the error that it ends with. */
  async lookUp(name: string): Promise<readonly string[] | NetworkError> {
    const lookup = this.network.resolveAddresses(name);
    return typeof lookup === 'string' ? lookup : addressesOf(lookup);
  }
}

function streams(socket: UdpSocket): DatagramStreams {
  return ok(socket.stream(undefined));
}

export async function addressesOf(lookup: NameLookup): Promise<readonly string[] | NetworkError> {
  const addresses: string[] = [];
  for (;;) {
    const next: IpAddress | NetworkError | undefined = await finish(lookup, () => lookup.next());
    if (next === undefined) return addresses;
    if (typeof next === 'string') return next;
    addresses.push(formatIpAddress(next));
  }
}

/** Asks until the answer is another than `would-block`, waiting in between as a guest does. */
export async function finish<T>(waitable: Waitable, ask: () => T): Promise<Exclude<T, 'would-block'>> {
  for (;;) {
    const answer = ask();
    if (answer !== 'would-block') return answer as Exclude<T, 'would-block'>;
    await waitable.wait();
  }
}

/** Settles when all of them have woken who waits; each has somebody to wait now. */
export async function woken(...waitables: readonly Waitable[]): Promise<void> {
  await Promise.all(
    waitables.map((waitable) => waitable.wait() ?? expect.fail('there is nothing to wait for')),
  );
}

/** Fails on an error. */
export function ok<T>(result: T): Exclude<T, string> {
  if (typeof result === 'string') expect.fail(result);
  return result as Exclude<T, string>;
}

/** Reads `198.18.0.1:80` or `[::1]:80`. */
export function at(text: string): SocketAddress {
  const colon = text.lastIndexOf(':');
  const address = parseHost(text.slice(0, colon));
  if (address === undefined || typeof address === 'string') return expect.fail(`no address: ${text}`);
  return { address, port: Number(text.slice(colon + 1)) };
}

export function where(address: SocketAddress | NetworkError): string {
  return typeof address === 'string' ? address : formatSocketAddress(address);
}

/** Writes all of it, waiting where it has to. @returns the status that stopped it, or 0 */
export async function write(output: OutputStream, text: string | Uint8Array): Promise<number> {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  for (let done = 0; done < bytes.length;) {
    const room = output.checkWrite();
    if (room < 0) return room;
    const count = Math.min(room, bytes.length - done);
    const status = count === 0 ? 0 : output.write(bytes, done, count);
    if (status < 0) return status;
    done += count;
    if (count === 0) await output.wait();
  }
  return 0;
}

/** The next bytes, at most `max`, or the status that comes in their place. */
export async function read(input: InputStream, max = 65_536): Promise<string | number> {
  const buffer = Buffer.alloc(max);
  for (;;) {
    const count = input.readInto(buffer, 0, max);
    if (count < 0) return count;
    if (count > 0) return buffer.toString('latin1', 0, count);
    await input.wait();
  }
}

/** Everything until the stream ends. */
export async function readAll(input: InputStream): Promise<string> {
  for (let all = ''; ;) {
    const next = await read(input);
    if (next === StreamStatus.closed) return all;
    if (typeof next === 'number') return expect.fail('the stream failed');
    all += next;
  }
}

/** Lets everything that is on its way arrive. */
export function settle(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

function socketRule(rule: SocketRule, index: number): SocketEgressRule {
  const id = `sockets/${index}`;
  const endpoint = rule.connect ?? rule.listen ?? expect.fail('no endpoint');
  const bytes = (word: 'sentBytes' | 'receivedBytes') => {
    const limit = rule[word];
    return limit === undefined ? undefined : new ByteBudget(`${id} budget.${word}`, limit);
  };
  return {
    grant: grantOf(id, 'sockets', 'operations', rule.operations),
    protocol: rule.protocol ?? 'tcp',
    direction: rule.connect === undefined ? 'listen' : 'connect',
    matcher: compileEndpointMatcher(endpoint, rule.addresses),
    sentBytes: bytes('sentBytes'),
    receivedBytes: bytes('receivedBytes'),
    concurrent:
      rule.concurrent === undefined ? undefined : new Concurrency(`${id} budget.concurrent`, rule.concurrent),
  };
}

function dnsRule(rule: NonNullable<GuestRules['dns']>[number], index: number): DnsEgressRule {
  const id = `dns/${index}`;
  const grant = grantOf(id, 'dns', 'requests', rule.requests);
  const { concurrent } = rule;
  return {
    grant,
    matcher: compileNameMatcher(rule.names),
    concurrent: concurrent === undefined ? undefined : new Concurrency(`${id} budget.concurrent`, concurrent),
  };
}

function grantOf(
  id: string,
  section: 'sockets' | 'dns',
  word: string,
  limit: OperationLimit | undefined,
): Grant {
  const budgets = limit === undefined ? [] : [new OperationBudget(`${id} budget.${word}`, limit, () => 0)];
  return new Grant(id, section, GRANTED, {}, budgets);
}
