import type { OperationLimit } from '../kernel/budget.ts';
import { FieldFilter } from '../kernel/egress/field-filter.ts';
import { compileHttpMatcher } from '../kernel/egress/compile-http.ts';
import { compileEndpointMatcher } from '../kernel/egress/compile-endpoint.ts';
import type { EndpointMatcher, HttpMatcher, NameMatcher } from '../kernel/egress/matchers.ts';
import { compileNameMatcher } from '../kernel/egress/compile-names.ts';
import type { GrantSummary } from '../kernel/grant.ts';
import {
  type DnsRule,
  type HttpRule,
  parseDuration,
  parseRate,
  type Policy,
  type SocketsRule,
} from '../policy/index.ts';
import type { HttpTimeouts } from '../virtual/network/stack.ts';

/** The network's rules as the engine uses them: numbers and matchers in place of texts. Shared by all instances. */
export interface CompiledNetwork {
  readonly isVirtual: boolean;
  readonly http: readonly CompiledHttpRule[];
  readonly sockets: readonly CompiledSocketsRule[];
  readonly dns: readonly CompiledDnsRule[];
}

export interface CompiledHttpRule {
  readonly rule: HttpRule;
  readonly summary: GrantSummary;
  readonly matcher: HttpMatcher;
  readonly requests: OperationLimit | undefined;
  readonly requestFields: FieldFilter | undefined;
  readonly responseFields: FieldFilter | undefined;
  readonly timeouts: HttpTimeouts;
}

export interface CompiledSocketsRule {
  readonly rule: SocketsRule;
  readonly summary: GrantSummary;
  readonly matcher: EndpointMatcher;
  readonly operations: OperationLimit | undefined;
}

export interface CompiledDnsRule {
  readonly rule: DnsRule;
  readonly summary: GrantSummary;
  readonly matcher: NameMatcher;
  readonly requests: OperationLimit | undefined;
}

export function compileNetwork({ http, sockets, dns, network }: Policy): CompiledNetwork {
  return {
    isVirtual: network === 'virtual',
    http: http.map(compileHttp),
    sockets: sockets.map(compileSockets),
    dns: dns.map(compileDns),
  };
}

function compileHttp(rule: HttpRule): CompiledHttpRule {
  const { methods, url, addresses, headers = {}, budget, timeouts } = rule;
  return {
    rule,
    // Names of header fields and secrets, never values.
    summary: summary({
      methods,
      url,
      addresses,
      headers: listOf(Object.entries(headers).map(([name, { secret }]) => `${name}: ${secret}`)),
      requestHeaders: describeFilter(rule.requestHeaders),
      responseHeaders: describeFilter(rule.responseHeaders),
      ...timeouts,
      ...budget,
    }),
    matcher: compileHttpMatcher(rule),
    requests: limitOf(budget?.requests),
    requestFields: FieldFilter.compile(rule.requestHeaders),
    responseFields: FieldFilter.compile(rule.responseHeaders),
    timeouts: compileTimeouts(timeouts),
  };
}

function compileSockets(rule: SocketsRule): CompiledSocketsRule {
  const { protocol, connect, listen, addresses, budget } = rule;
  return {
    rule,
    summary: summary({ protocol, connect, listen, addresses, ...budget }),
    matcher: compileEndpointMatcher((connect ?? listen) as string, addresses),
    operations: limitOf(budget?.operations),
  };
}

function compileDns(rule: DnsRule): CompiledDnsRule {
  const { names, budget } = rule;
  return {
    rule,
    summary: summary({ names, ...budget }),
    matcher: compileNameMatcher(names),
    requests: limitOf(budget?.requests),
  };
}

function limitOf(rate: string | number | undefined): OperationLimit | undefined {
  return rate === undefined ? undefined : parseRate(rate);
}

function compileTimeouts(timeouts: HttpRule['timeouts'] = {}): HttpTimeouts {
  const nanoseconds = (duration: string | undefined): number | undefined =>
    duration === undefined ? undefined : Number(parseDuration(duration));
  const { connect, firstByte, betweenBytes, total } = timeouts;
  return {
    connect: nanoseconds(connect),
    firstByte: nanoseconds(firstByte),
    betweenBytes: nanoseconds(betweenBytes),
    total: nanoseconds(total),
  };
}

function describeFilter(filter: HttpRule['requestHeaders']): readonly string[] | undefined {
  return filter?.allow ?? filter?.deny?.map((name) => `not ${name}`);
}

function listOf(items: readonly string[]): readonly string[] | undefined {
  return items.length === 0 ? undefined : items;
}

/** What is there: the log has no word for what is not. */
function summary(fields: Readonly<Record<string, GrantSummary[string] | undefined>>): GrantSummary {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as GrantSummary;
}
