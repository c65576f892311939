import type { EndpointServer } from './endpoints.ts';
import type { ServerScript } from './script.ts';

/** Who binds to port 0 gets one of the ports of its rule. */
const PORTS = '20000-29999';

const LOOPBACK = ['127.0.0.1', '[::1]'] as const;

/** No machine has these addresses (RFC 5737, RFC 3849): who may bind to them learns that they are not there. */
const NOBODYS = ['192.0.2.1', '198.51.100.1', '203.0.113.1', '[2001:db8::1]'] as const;

const listen = (addresses: readonly string[], protocol = ''): string[] =>
  addresses.flatMap((address) => ['--listen', `${protocol}${address}:${PORTS}`]);

const connect = (ports: string, protocol = ''): string[] =>
  LOOPBACK.flatMap((address) => ['--connect', `${protocol}${address}:${ports}`]);

/** A host that does not exist, port and path as the tests have them. */
const NOWHERE = ['--http', 'GET http://nonexistent.invalid/'];

/** What a test does beside what everything of its kind may do: rules for those addresses. */
const GRANTS: Readonly<Record<string, readonly string[]>> = {
  'http-client-send-errors': NOWHERE,
  'http-client-sent': NOWHERE,
  'sockets-echo': listen(['127.0.0.1']),
  'sockets-tcp-bind': [...listen([...LOOPBACK, ...NOBODYS]), ...connect(PORTS)],
  'sockets-tcp-connect': [...listen(LOOPBACK), ...connect(PORTS)],
  'sockets-tcp-listen': [...listen([...LOOPBACK, '0.0.0.0', '[::]']), ...connect(PORTS)],
  // Sockets that stay as they were made: any rule of their protocol allows that.
  'sockets-tcp-properties': connect(PORTS),
  'sockets-tcp-receive': [...listen(LOOPBACK), ...connect(PORTS)],
  'sockets-tcp-send': [...listen(LOOPBACK), ...connect(PORTS)],
  'sockets-udp-bind': listen([...LOOPBACK, ...NOBODYS, '0.0.0.0', '[::]'], 'udp:'),
  'sockets-udp-connect': [...listen(LOOPBACK, 'udp:'), ...connect('42-43', 'udp:')],
  'sockets-udp-properties': connect(PORTS, 'udp:'),
  'sockets-udp-receive': [...listen(LOOPBACK, 'udp:'), ...connect(PORTS, 'udp:')],
  'sockets-udp-send': connect('42-43', 'udp:'),
};

/** @returns flags of `bailiwick run` and `bailiwick serve` for what the test does, and nothing else */
export function grantsFor(
  test: string,
  scripts: readonly ServerScript[],
  servers: readonly EndpointServer[],
): string[] {
  return [
    ...(GRANTS[test] ?? []),
    ...servers.flatMap(({ name, authority }) => {
      const endpoints = scripts.find((each) => each.name === name)?.endpoints ?? [];
      const methods = [...new Set(['GET', ...endpoints.map(({ method }) => method)])].join(',');
      const encoded = endpoints.map(({ path }) => pathOf(path)).filter((path) => /%2f/i.test(path));
      return ['/**', ...encoded].flatMap((path) => ['--http', `${methods} http://${authority}${path}`]);
    }),
  ];
}

/** Without the query, which rules do not have. `**` covers every path but those with an encoded slash. */
function pathOf(path: string): string {
  return path.split('?')[0] ?? path;
}
