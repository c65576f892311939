/**
 * tls-session-share: a TLS session or a pooled connection is one instance's (Node CVE-2026-48934, CVE-2026-58040), and stays
 * with the address and the host that it was made for.
 *
 * unix-socket: no host API leads to a Unix-domain socket (Node CVE-2026-21636).
 */
import { createServer as createUnixServer } from 'node:net';
import { createServer, type Server } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dnsServer } from '../support/dns-server.ts';
import { hostTree } from '../support/host-tree.ts';
import { type Listener, listenOn } from '../support/listeners.ts';
import { CLIENT_TLS, SERVER_TLS, TEST_CA } from '../support/tls.ts';
import { answers, type Egress, goOut, openEgress } from './egress.ts';

const LOCAL = '127.0.0.2';
const OTHER = '127.0.0.3';

/** What a server of HTTPS saw of each request. */
interface Seen {
  readonly connection: number;
  readonly resumed: boolean;
  readonly servername: string | false | null;
  readonly client: string | undefined;
}

interface SecureListener extends AsyncDisposable {
  readonly port: number;
  readonly seen: readonly Seen[];
}

/** Keeps connections open, gives sessions to resume, and asks for certificates. */
async function secureListener(): Promise<SecureListener> {
  const seen: Seen[] = [];
  const connections = new Map<unknown, number>();
  const options = { ...SERVER_TLS, ca: TEST_CA, requestCert: true, rejectUnauthorized: false };
  const server: Server = createServer(options, (request, response) => {
    const socket = request.socket as TLSSocket;
    const connection = connections.get(socket) ?? connections.size + 1;
    connections.set(socket, connection);
    const { subject } = socket.getPeerCertificate();
    const client = (subject as { CN?: string } | undefined)?.CN;
    seen.push({ connection, resumed: socket.isSessionReused(), servername: socket.servername, client });
    response.end('secure');
  });
  await new Promise<void>((resolve) => void server.listen(0, LOCAL, resolve));
  return {
    port: (server.address() as { port: number }).port,
    seen,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Answers each request with the number of its connection, which it keeps open. */
function countingListener(addresses: readonly string[]): Promise<Listener> {
  const numbers = new Map<unknown, number>();
  return listenOn(addresses, (_chunk, socket) => {
    const number = numbers.get(socket) ?? numbers.size + 1;
    numbers.set(socket, number);
    return `HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${number}`;
  });
}

describe('tls-session-share', () => {
  test('two tenants share neither a connection nor a TLS session, whichever of them ends first', async () => {
    await using dns = await dnsServer({ 'a.test': [[LOCAL]] });
    await using server = await secureListener();
    const request = `http|GET|https|a.test:${server.port}|/`;
    const egress: Egress = {
      http: [{ methods: ['GET'], url: `https://a.test:${server.port}/**`, addresses: [`${LOCAL}/32`] }],
      resolver: dns,
      network: { certificateAuthorities: [TEST_CA] },
      tries: [request, request],
    };
    // One after the other, and two at the same time.
    expect(answers(await goOut(egress))).toEqual(['http=200 secure', 'http=200 secure']);
    await Promise.all([goOut(egress), goOut(egress)]);
    expect(server.seen).toHaveLength(6);
    // An instance may go on with what is its own.
    expect(new Set(server.seen.map(({ connection }) => connection)).size).toBe(3);
    expect(server.seen.some(({ resumed }) => resumed)).toBe(false);
  });

  test('what one host gets, its certificate for the client too, no other host gets at the same address', async () => {
    await using dns = await dnsServer({ 'a.test': [[LOCAL]], 'b.test': [[LOCAL]] });
    await using server = await secureListener();
    const to = (host: string): string => `http|GET|https|${host}:${server.port}|/`;
    const run = await goOut({
      http: ['a.test', 'b.test'].map((host) => ({
        methods: ['GET'],
        url: `https://${host}:${server.port}/**`,
        addresses: [`${LOCAL}/32`],
      })),
      resolver: dns,
      network: {
        certificateAuthorities: [TEST_CA],
        clientCertificates: { 'a.test': { certificate: CLIENT_TLS.cert, key: CLIENT_TLS.key } },
      },
      tries: [to('a.test'), to('b.test'), to('a.test')],
    });
    expect(answers(run)).toEqual(Array.from({ length: 3 }, () => 'http=200 secure'));
    expect(server.seen.map(({ servername }) => servername)).toEqual(['a.test', 'b.test', 'a.test']);
    expect(server.seen.map(({ connection }) => connection)).toEqual([1, 2, 1]);
    expect(server.seen.map(({ client }) => client !== undefined)).toEqual([true, false, true]);
  });

  test('a certificate of nobody we trust, or of another host, is an error, and no request is sent', async () => {
    await using dns = await dnsServer({ 'a.test': [[LOCAL]], 'c.test': [[LOCAL]] });
    await using server = await secureListener();
    const egress = (host: string, network: Egress['network']): Egress => ({
      http: [{ methods: ['GET'], url: `https://${host}:${server.port}/**`, addresses: [`${LOCAL}/32`] }],
      resolver: dns,
      ...(network && { network }),
      tries: [`http|GET|https|${host}:${server.port}|/`],
    });
    const untrusted = await goOut(egress('a.test', undefined));
    const another = await goOut(egress('c.test', { certificateAuthorities: [TEST_CA] }));
    expect([...answers(untrusted), ...answers(another)]).toEqual([
      'http=error:TLS-certificate-error',
      'http=error:TLS-certificate-error',
    ]);
    expect(server.seen).toEqual([]);
  });

  test('a connection that waits is for the address that was decided, not for its name', async () => {
    await using dns = await dnsServer({ 'a.test': [[LOCAL], [OTHER], [LOCAL]] });
    await using local = await countingListener([LOCAL, OTHER]);
    const request = `http|GET|http|a.test:${local.port}|/`;
    const run = await goOut({
      http: [{ methods: ['GET'], url: `http://a.test:${local.port}/**`, addresses: ['127.0.0.0/8'] }],
      resolver: dns,
      tries: [request, request, request],
    });
    expect(answers(run)).toEqual(['http=200 1', 'http=200 2', 'http=200 1']);
    expect(local.received(OTHER)).toHaveLength(1);
  });

  test('a connection that waits is of no use once the rule is taken back', async () => {
    await using local = await countingListener([LOCAL]);
    const request = `http|GET|http|${LOCAL}:${local.port}|/`;
    const { instance, run } = await openEgress({
      http: [{ id: 'rule', methods: ['GET'], url: `http://${LOCAL}:${local.port}/**` }],
      tries: [request, request],
    });
    const watching = setInterval(() => {
      if (local.received(LOCAL).some((text) => text.includes('GET'))) instance.revoke('rule');
    });
    const result = await run();
    clearInterval(watching);
    // Taken back while the first one was under way, or after it.
    expect(answers(result).at(-1)).toBe('http=error:HTTP-request-denied');
    expect(local.received(LOCAL).join('').match(/GET/g)).toHaveLength(1);
  });
});

describe('unix-socket', () => {
  test('no way of writing a host leads to one', async () => {
    using tree = hostTree({});
    const path = join(tree.path, 's.sock');
    let reached = 0;
    const server = createUnixServer((socket) => {
      reached++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => void server.listen(path, resolve));
    const encoded = encodeURIComponent(path);
    const hosts = [
      path,
      encoded,
      `unix:${path}`,
      `unix:${path}:`,
      `unix:${encoded}`,
      `[${path}]`,
      `localhost:${path}`,
    ];
    const run = await goOut({
      http: [
        { methods: ['GET'], url: 'http://*.test/**', addresses: ['0.0.0.0/0', '::/0'] },
        { methods: ['GET'], url: 'http://localhost/**', addresses: ['0.0.0.0/0', '::/0'] },
      ],
      sockets: [{ protocol: 'tcp', connect: '*.test:80', addresses: ['0.0.0.0/0', '::/0'] }],
      dns: [{ names: ['*.test'] }],
      // What a resolver of the embedder's gives is taken for nothing but addresses.
      network: { resolver: () => Promise.resolve([path]) },
      tries: [
        ...hosts.flatMap((host) => [
          `http|GET|http|${host}|/`,
          `http|GET|unix|${host}|/`,
          `http|GET|http+unix|${host}|/`,
          `http|GET|http|localhost|${host}`,
          `dns|${host}`,
        ]),
        'http|GET|http|a.test|/',
        'dns|a.test',
      ],
    });
    server.close();
    expect(answers(run)).toHaveLength(hosts.length * 5 + 2);
    expect(answers(run).filter((line) => !line.includes('=error:'))).toEqual([]);
    expect(answers(run).at(-1)).toBe('dns=error:permanent-resolver-failure');
    expect(reached).toBe(0);
  });
});
