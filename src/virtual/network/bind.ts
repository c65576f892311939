import type { EndpointMatcher } from '../../kernel/egress/matchers.ts';
import { type NetworkError, NetworkFailure } from './network-error.ts';
import type { SocketAddress } from './socket-address.ts';
import type { TcpPort } from './stack.ts';

/** Ports of a rule that are tried when a guest leaves the choice to the host. */
const MAX_TRIES = 64;

/** Something that holds a local port until it is closed. */
interface Port {
  readonly local: SocketAddress;
  close(): void;
}

/**
 * Takes a local port. Port 0 leaves the choice to the host: any port where no rule has a say, the first free one of the
 * rule's where one has.
 *
 * @param matcher of the rule that the port is taken under in order to be listened on
 * @throws NetworkFailure
 */
export async function bindPort<P extends Port>(
  local: SocketAddress,
  matcher: EndpointMatcher | undefined,
  bind: (local: SocketAddress) => Promise<P>,
): Promise<P> {
  if (local.port !== 0 || matcher === undefined) return bind(local);
  let failure = new NetworkFailure('address-in-use');
  for (const port of portsToTry(matcher)) {
    try {
      const bound = await bind({ ...local, port });
      if (matcher.hasPort(bound.local.port)) return bound;
      bound.close();
    } catch (error) {
      if (!(error instanceof NetworkFailure) || !isOfPort(error.code)) throw error;
      failure = error;
    }
  }
  throw failure;
}

/** Where a rule has many ports, what the system gives is likely one of them. */
function portsToTry(matcher: EndpointMatcher): readonly number[] {
  const ports: number[] = [];
  for (let port = 1; port <= 65_535; port++) {
    if (!matcher.hasPort(port)) continue;
    if (ports.length === MAX_TRIES) return [0, ...ports];
    ports.push(port);
  }
  return ports;
}

/** Whether another port may fare better: this one is taken, or the system keeps it for its administrator. */
function isOfPort(code: NetworkError): boolean {
  return code === 'address-in-use' || code === 'access-denied';
}

/**
 * What a TCP socket that may only connect is bound to: no port. A stack takes one by listening on it, so that the host would
 * let peers in whom no rule does; the connection is given a port when it is made.
 */
export class UntakenPort implements TcpPort {
  readonly local: SocketAddress;

  /** @param local leaves both address and port to the host */
  constructor(local: SocketAddress) {
    this.local = local;
  }

  listen(): Promise<void> {
    return Promise.reject(new NetworkFailure('access-denied'));
  }

  accept(): undefined {
    return undefined;
  }

  ready(): boolean {
    return true;
  }

  wait(): undefined {
    return undefined;
  }

  close(): void {
    // There is nothing to give back.
  }
}
