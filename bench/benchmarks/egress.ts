import { compileHttpMatcher } from '../../src/kernel/egress/compile-http.ts';
import { HostIndex } from '../../src/kernel/egress/host-index.ts';
import { parseHttpTarget } from '../../src/kernel/egress/http-target.ts';
import type { HttpMatcher } from '../../src/kernel/egress/matchers.ts';
import type { IpAddress } from '../../src/policy/address/ip-address.ts';
import { type Context, effortOf } from '../benchmark.ts';
import { compare, type Contestant, reading, time } from '../measure.ts';
import type { Row } from '../row.ts';

const SIZES = [1, 16, 256];

/** The goal for one decision, in nanoseconds. */
const MAX_TIME = 2000;

type Rules = HostIndex<{ readonly matcher: HttpMatcher }>;

interface Request {
  readonly authority: string;
  readonly path: string;
  /** Of the name: checked like an answer. */
  readonly address: IpAddress;
}

/**
 * What the rules cost a request, without the network: its text is read and brought into normal form, the rules are asked in
 * turn, of which only the last one is for it, and an address of the name is looked up among the special ones.
 */
export async function egressDecision(context: Context): Promise<readonly Row[]> {
  // Short rounds: the median is then of rounds in which the machine did nothing else.
  const count = context.check ? 10 : 500;
  const policies = SIZES.map((size): Contestant => {
    const rules = makeRules(size);
    const requests = makeRequests(size);
    const round = async (): Promise<Map<string, number>> =>
      new Map([['decision', (await time(() => decideAll(rules, requests, count))) / count]]);
    return { name: String(size), round };
  });
  const results = await compare(policies, effortOf(context, { warmUp: 1000, rounds: 600 }));
  return SIZES.map((size) => ({
    what: `a request, the last of ${size} ${size === 1 ? 'rule' : 'rules'} allows it`,
    ours: reading(results, String(size), 'decision'),
    goal: { kind: 'adds', time: MAX_TIME },
  }));
}

function decideAll(rules: Rules, requests: readonly Request[], count: number): void {
  let allowed = 0;
  for (let round = 0; round < count; round++) {
    if (decide(rules, requests[round % requests.length] as Request)) allowed++;
  }
  if (allowed !== count) throw new Error(`${count - allowed} of ${count} requests were denied`);
}

function decide(rules: Rules, { authority, path, address }: Request): boolean {
  const target = parseHttpTarget('GET', 'https', authority, path);
  if (target === undefined) return false;
  for (const { matcher } of rules.rulesFor(target.host)) {
    if (matcher.matches(target)) return matcher.allowsAnswer(address);
  }
  return false;
}

/** Rules of every kind, and at the end the one that counts. All have the port and scheme of the request. */
function makeRules(size: number): Rules {
  const others = Array.from({ length: size - 1 }, (_, index) => {
    const hosts = [`api-${index}.example.com`, `*.team-${index}.example.com`, `[10.${index % 256}.0.0/16]`];
    // Every fourth is for the host of the request, but for other paths.
    const host = hosts[index % 4] ?? '*.example.net';
    return `https://${host}/v${index}/*/items/**`;
  });
  const urls = [...others, 'https://*.example.net/tenants/*/reports/**/*.json'];
  return new HostIndex(
    urls.map((url) => ({ matcher: compileHttpMatcher({ methods: ['GET', 'POST'], url }) })),
  );
}

function makeRequests(size: number): Request[] {
  return Array.from({ length: 64 }, (_, index) => ({
    authority: `eu-${index}.example.net`,
    // Every fourth has something to decode.
    path: `/tenants/${index + size}/reports/2026/q${index % 4}/sum${index % 4 === 0 ? '%2D' : '-'}up.json?page=${index}`,
    address: {
      family: 6,
      bytes: Uint8Array.of(0x26, 6, 0x47, 0, ...Array.from({ length: 12 }, () => index)),
    },
  }));
}
