import type { Guard } from '../../kernel/guard.ts';
import type { Meter } from '../../kernel/meter.ts';
import type { EgressRules } from './egress-rules.ts';
import type { NameLookup, Network, TcpSocket, UdpSocket } from './network.ts';
import type { NetworkError } from './network-error.ts';
import type { AddressFamily } from './socket-address.ts';
import type { NetworkStack } from './stack.ts';

/** What the network side of an instance works with. */
export interface NetworkContext {
  readonly rules: EgressRules;
  /** Opened when it is first needed. */
  readonly stack: () => Promise<NetworkStack>;
  readonly guard: Guard;
  readonly meter: Meter;
  /** Ends with the instance. */
  readonly signal: AbortSignal;
}

/** The sockets and lookups of one instance, each use decided by its egress rules. */
export class InstanceNetwork implements Network {
  readonly #context: NetworkContext;

  constructor(context: NetworkContext) {
    this.#context = context;
  }

  createTcpSocket(family: AddressFamily): TcpSocket | NetworkError {
    this.#context.guard.refuse('create-tcp-socket', family);
    return 'access-denied';
  }

  createUdpSocket(family: AddressFamily): UdpSocket | NetworkError {
    this.#context.guard.refuse('create-udp-socket', family);
    return 'access-denied';
  }

  resolveAddresses(name: string): NameLookup | NetworkError {
    this.#context.guard.refuse('resolve-addresses', name);
    return 'access-denied';
  }

  closeAll(): void {
    // Nothing is open yet.
  }
}
