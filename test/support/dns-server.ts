import { createSocket, type Socket } from 'node:dgram';
import { type Answer, AUTHORITATIVE_ANSWER, decode, encode, type Question } from 'dns-packet';

/** RFC 1035, 4.1.1. */
const CODES = { NXDOMAIN: 3, SERVFAIL: 2 } as const;

/**
 * What a name is answered with: addresses, of which a query gets those of its family; another name for it (CNAME) with
 * what that one has; an error; or nothing ever.
 */
export type DnsReply = readonly string[] | { readonly alias: string } | keyof typeof CODES | 'silence';

/** By name: the replies to one query after the other, counted for each family; the last one stays. */
export type DnsZone = Readonly<Record<string, readonly DnsReply[]>>;

/** A DNS server (UDP) of the test's own: `await using dns = await dnsServer({ 'a.test': [['127.0.0.2']] })`. */
export interface DnsServer extends AsyncDisposable {
  /** For `bindings.network.resolver.servers`. */
  readonly address: string;
  /** What was asked for: `A a.test`. */
  readonly queries: readonly string[];
}

/** Starts one on a free port of 127.0.0.1. Names that the zone does not have are not there (NXDOMAIN). */
export async function dnsServer(zone: DnsZone): Promise<DnsServer> {
  const queries: string[] = [];
  const asked = new Map<string, number>();
  const socket = createSocket('udp4');
  socket.on('message', (bytes, { port, address }) => {
    const { id, questions: [question] = [] } = decode(bytes);
    if (question === undefined) return;
    queries.push(`${question.type} ${question.name}`);
    const reply = replyTo(question, zone, asked);
    if (reply === undefined) return;
    const response = { type: 'response', id, flags: AUTHORITATIVE_ANSWER | reply.code } as const;
    socket.send(encode({ ...response, questions: [question], answers: reply.answers }), port, address);
  });
  await bound(socket);
  return {
    address: `127.0.0.1:${socket.address().port}`,
    queries,
    [Symbol.asyncDispose]: () => new Promise((resolve) => void socket.close(() => resolve())),
  };
}

function replyTo(
  { name, type }: Question,
  zone: DnsZone,
  asked: Map<string, number>,
): { readonly code: number; readonly answers: Answer[] } | undefined {
  const answers: Answer[] = [];
  for (let at = name.toLowerCase(); ;) {
    const key = `${type} ${at}`;
    const turn = asked.get(key) ?? 0;
    asked.set(key, turn + 1);
    const replies = Object.hasOwn(zone, at) ? zone[at] : undefined;
    const reply = replies?.[Math.min(turn, replies.length - 1)] ?? 'NXDOMAIN';
    if (reply === 'silence') return undefined;
    if (typeof reply === 'string') return { code: CODES[reply], answers };
    if (!('alias' in reply)) {
      answers.push(...reply.filter((text) => typeOf(text) === type).map((data) => addressOf(at, data)));
      return { code: 0, answers };
    }
    answers.push({ type: 'CNAME', name: at, ttl: 0, data: reply.alias });
    at = reply.alias;
  }
}

function addressOf(name: string, data: string): Answer {
  return { type: typeOf(data), name, ttl: 0, data };
}

function typeOf(address: string): 'A' | 'AAAA' {
  return address.includes(':') ? 'AAAA' : 'A';
}

function bound(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, '127.0.0.1', () => {
      socket.off('error', reject);
      resolve();
    });
  });
}
