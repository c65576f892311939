import type { Guard } from '../../kernel/guard.ts';
import type { Meter } from '../../kernel/meter.ts';
import type { EgressRules } from './egress-rules.ts';
import { lookUp } from './name-lookup.ts';
import type { NameLookup, Network, TcpSocket, UdpSocket } from './network.ts';
import type { NetworkError } from './network-error.ts';
import { OpenEnds } from './open-ends.ts';
import { RememberedNames } from './remembered-names.ts';
import { Signals } from './signals.ts';
import type { AddressFamily } from './socket-address.ts';
import type { SocketContext } from './socket-context.ts';
import { SocketDecisions } from './socket-decisions.ts';
import type { NetworkStack } from './stack.ts';
import { InstanceTcpSocket } from './tcp-socket.ts';
import { InstanceUdpSocket } from './udp-socket.ts';

/** What the network side of an instance works with. */
export interface NetworkContext {
  readonly rules: EgressRules;
  /** Opened when it is first needed. */
  readonly stack: () => Promise<NetworkStack>;
  readonly guard: Guard;
  readonly meter: Meter;
  /** Nanoseconds of a steady clock. */
  readonly now: () => number;
  /** Ends with the instance. */
  readonly signal: AbortSignal;
}

/** The sockets and lookups of one instance, each use decided by its egress rules. */
export class InstanceNetwork implements Network {
  readonly #context: SocketContext;

  constructor(context: NetworkContext) {
    const names = new RememberedNames(context.now);
    const ends = new OpenEnds();
    // Not spread: the context is the embedder's object, and may be more than a record.
    const room = new Signals();
    const { rules, stack, guard, meter, now, signal } = context;
    const decisions = new SocketDecisions(context, names);
    this.#context = { rules, stack, guard, meter, now, signal, decisions, names, ends, room };
    if (signal.aborted) ends.closeAll();
    else signal.addEventListener('abort', () => ends.closeAll(), { once: true });
  }

  createTcpSocket(family: AddressFamily): TcpSocket | NetworkError {
    if (this.#context.decisions.hasRules('tcp')) return new InstanceTcpSocket(this.#context, family);
    this.#context.guard.refuse('create-tcp-socket', family);
    return 'access-denied';
  }

  createUdpSocket(family: AddressFamily): UdpSocket | NetworkError {
    if (this.#context.decisions.hasRules('udp')) return new InstanceUdpSocket(this.#context, family);
    this.#context.guard.refuse('create-udp-socket', family);
    return 'access-denied';
  }

  resolveAddresses(name: string): NameLookup | NetworkError {
    return lookUp(this.#context, name);
  }

  closeAll(): void {
    this.#context.ends.closeAll();
  }
}
