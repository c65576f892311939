import type { IpAddress } from '../../policy/address/ip-address.ts';
import { pathOf, type RequestTarget } from '../../kernel/egress/http-target.ts';
import { formatHost } from '../../policy/address/host.ts';
import type { FieldFilter, HttpEgressRule } from '../network/egress-rules.ts';
import type { HttpRequestHead, HttpTimeouts } from '../network/stack.ts';
import type { Field } from './fields.ts';
import type { RequestOptions } from './request-options.ts';

/** Nanoseconds. What holds where neither the guest nor the rule says anything; those of Node.js's fetch. */
const DEFAULT_TIMEOUTS = { connect: 10e9, firstByte: 300e9, betweenBytes: 300e9 } as const;

/** What of a request does not depend on the rule and the address. */
export interface RequestParts {
  readonly target: RequestTarget;
  readonly headers: readonly Field[];
  readonly contentLength: number | undefined;
  readonly options: RequestOptions | undefined;
}

/** What is sent to `address`, secrets included: nothing of it may come back to the guest, or into a log. */
export function requestHead(
  { target, headers, contentLength, options }: RequestParts,
  { injected, requestFields, timeouts }: HttpEgressRule,
  address: IpAddress,
): HttpRequestHead {
  const own = guestFields(headers, injected, requestFields);
  const added = injected.map(({ name, value }) => ({ name, value }));
  return {
    method: target.method,
    scheme: target.scheme,
    host: formatHost(target.host),
    port: target.port,
    address,
    path: pathOf(target),
    headers: [...own, ...added],
    contentLength,
    timeouts: timeoutsOf(options, timeouts),
  };
}

/** What a guest may send of its fields: the rule's take the place of its own, and the length is the host's to say. */
export function guestFields(
  fields: readonly Field[],
  injected: readonly { readonly name: string }[],
  filter: FieldFilter | undefined,
): readonly Field[] {
  return fields.filter(({ name }) => {
    const key = name.toLowerCase();
    if (key === 'content-length' || injected.some((each) => each.name === key)) return false;
    return filter?.allows(key) ?? true;
  });
}

function timeoutsOf(options: RequestOptions | undefined, rule: HttpTimeouts): HttpTimeouts {
  return {
    connect: least(options?.connectTimeout, rule.connect, DEFAULT_TIMEOUTS.connect),
    firstByte: least(options?.firstByteTimeout, rule.firstByte, DEFAULT_TIMEOUTS.firstByte),
    betweenBytes: least(options?.betweenBytesTimeout, rule.betweenBytes, DEFAULT_TIMEOUTS.betweenBytes),
    total: rule.total,
  };
}

/** A guest that asks for no time at all gets the shortest one. */
function least(asked: bigint | undefined, bound: number | undefined, otherwise: number): number {
  if (asked === undefined) return bound ?? otherwise;
  return Math.max(1, Math.min(Number(BigInt.asUintN(64, asked)), bound ?? Infinity));
}
