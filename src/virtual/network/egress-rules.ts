import type { ByteBudget, Concurrency } from '../../kernel/byte-budget.ts';
import type { EndpointMatcher, HttpMatcher, NameMatcher } from '../../kernel/egress/matchers.ts';
import type { Grant } from '../../kernel/grant.ts';
import type { HttpTimeouts } from './stack.ts';

/** What an instance may do on its network: one grant per rule of the policy, with the rule's matcher and counters. */
export interface EgressRules {
  readonly http: readonly HttpEgressRule[];
  readonly sockets: readonly SocketEgressRule[];
  readonly dns: readonly DnsEgressRule[];
}

/** Operations (requests, connections, datagrams, lookups) are counted by the grant's own budgets, when the guard permits. */
export interface HttpEgressRule {
  readonly grant: Grant;
  readonly matcher: HttpMatcher;
  /** Fields that the host adds, secrets in them; they take the place of the guest's own of that name. */
  readonly injected: readonly InjectedField[];
  /** undefined: all that HTTP allows a guest. */
  readonly requestFields: FieldFilter | undefined;
  readonly responseFields: FieldFilter | undefined;
  /** Bounds above what the guest asks for. */
  readonly timeouts: HttpTimeouts;
  readonly requestBytes: ByteBudget | undefined;
  readonly responseBytes: ByteBudget | undefined;
  readonly concurrent: Concurrency | undefined;
}

export interface InjectedField {
  /** Lower-case. */
  readonly name: string;
  readonly value: Uint8Array;
  /** The secret itself, to be kept out of whatever is written about the request. */
  readonly secret: string;
}

export interface FieldFilter {
  /** @param name lower-case */
  allows(name: string): boolean;
}

export interface SocketEgressRule {
  readonly grant: Grant;
  readonly protocol: 'tcp' | 'udp';
  readonly direction: 'connect' | 'listen';
  readonly matcher: EndpointMatcher;
  readonly sentBytes: ByteBudget | undefined;
  readonly receivedBytes: ByteBudget | undefined;
  readonly concurrent: Concurrency | undefined;
}

export interface DnsEgressRule {
  readonly grant: Grant;
  readonly matcher: NameMatcher;
  readonly concurrent: Concurrency | undefined;
}
