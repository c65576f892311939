import { OperationBudget, type OperationLimit } from '../kernel/budget.ts';
import { ByteBudget, Concurrency, type SharedBytes } from '../kernel/byte-budget.ts';
import { GRANTED, Grant } from '../kernel/grant.ts';
import type { Machine } from '../virtual/machine.ts';
import type { EgressRules, InjectedField } from '../virtual/network/egress-rules.ts';
import type { NetworkStack } from '../virtual/network/stack.ts';
import type { CompiledHttpRule, CompiledNetwork } from './compiled-network.ts';
import type { LoadedBindings } from './load-bindings.ts';
import type { TenantBounds } from './tenants/tenant-bounds.ts';

/** The network of an instance: its grants, and what they are about. */
export interface OpenedNetwork {
  readonly rules: EgressRules;
  readonly grants: readonly Grant[];
  /** Opened when it is first needed, and closed with the instance. */
  readonly stack: () => Promise<NetworkStack>;
}

/** Makes one grant for each rule of the network, with counters of its own. */
export function openNetwork(
  network: CompiledNetwork,
  bindings: Pick<LoadedBindings, 'secrets' | 'stack' | 'virtualNetwork'>,
  machine: Machine,
  {
    signal,
    tenant,
  }: { readonly signal: AbortSignal; readonly tenant: Pick<TenantBounds, 'bytes' | 'requests'> },
): OpenedNetwork {
  const { bytes } = tenant;
  const grants: Grant[] = [];
  const grantOf = (
    { rule, summary }: CompiledNetwork['http' | 'sockets' | 'dns'][number],
    section: 'http' | 'sockets' | 'dns',
    [word, limit]: [word: string, limit: OperationLimit | undefined],
  ): Grant => {
    const now = (): number => machine.monotonicNow();
    const own = limit === undefined ? [] : [new OperationBudget(`${rule.id} budget.${word}`, limit, now)];
    const shared = section === 'http' && tenant.requests !== undefined ? [tenant.requests] : [];
    const grant = new Grant(rule.id, section, GRANTED, summary, [...own, ...shared]);
    grants.push(grant);
    return grant;
  };
  const rules: EgressRules = {
    http: network.http.map((compiled) => {
      const { rule, matcher, requestFields, responseFields, timeouts } = compiled;
      return {
        grant: grantOf(compiled, 'http', ['requests', compiled.requests]),
        matcher,
        injected: injectedFields(compiled, bindings.secrets),
        requestFields,
        responseFields,
        timeouts,
        requestBytes: bytesOf(rule, 'requestBytes', rule.budget?.requestBytes, bytes),
        responseBytes: bytesOf(rule, 'responseBytes', rule.budget?.responseBytes, bytes),
        concurrent: concurrencyOf(rule, rule.budget?.concurrent),
      };
    }),
    sockets: network.sockets.map((compiled) => {
      const { rule, matcher } = compiled;
      return {
        grant: grantOf(compiled, 'sockets', ['operations', compiled.operations]),
        protocol: rule.protocol,
        direction: rule.connect === undefined ? 'listen' : 'connect',
        matcher,
        sentBytes: bytesOf(rule, 'sentBytes', rule.budget?.sentBytes, bytes),
        receivedBytes: bytesOf(rule, 'receivedBytes', rule.budget?.receivedBytes, bytes),
        concurrent: concurrencyOf(rule, rule.budget?.concurrent),
      };
    }),
    dns: network.dns.map((compiled) => ({
      grant: grantOf(compiled, 'dns', ['requests', compiled.requests]),
      matcher: compiled.matcher,
      concurrent: concurrencyOf(compiled.rule, compiled.rule.budget?.concurrent),
    })),
  };
  return { rules, grants, stack: lazyStack(network, bindings, machine, signal) };
}

function lazyStack(
  { isVirtual }: CompiledNetwork,
  { stack: bound, virtualNetwork }: Pick<LoadedBindings, 'stack' | 'virtualNetwork'>,
  machine: Machine,
  signal: AbortSignal,
): () => Promise<NetworkStack> {
  let opened: Promise<NetworkStack> | undefined;
  const open = async (): Promise<NetworkStack> => {
    // The embedder's binding is there: bindings.ts saw to it.
    const stack =
      isVirtual && virtualNetwork ? virtualNetwork.open(machine) : (bound ?? (await machine.openNetwork({})));
    if (signal.aborted) stack.close();
    else signal.addEventListener('abort', () => stack.close(), { once: true });
    return stack;
  };
  return () => (opened ??= open());
}

const encoder = new TextEncoder();

function injectedFields(
  { rule }: CompiledHttpRule,
  secrets: ReadonlyMap<string, string>,
): readonly InjectedField[] {
  return Object.entries(rule.headers ?? {}).map(([name, { secret, format = '{}' }]) => {
    const value = secrets.get(secret) as string;
    // Not as a pattern of `replace`: `$&` in a secret is nothing but two characters.
    return { name, value: encoder.encode(format.split('{}').join(value)), secret: value };
  });
}

function bytesOf(
  rule: { readonly id: string },
  word: string,
  limit: number | undefined,
  shared: SharedBytes | undefined,
): ByteBudget | undefined {
  if (limit === undefined && shared === undefined) return undefined;
  return new ByteBudget(`${rule.id} budget.${word}`, limit ?? Infinity, shared);
}

function concurrencyOf(rule: { readonly id: string }, limit: number | undefined): Concurrency | undefined {
  return limit === undefined ? undefined : new Concurrency(`${rule.id} budget.concurrent`, limit);
}
