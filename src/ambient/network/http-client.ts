import { formatIpAddress } from '../../policy/address/ip-address.ts';
import type { NetworkOptions } from '../../virtual/machine.ts';
import type { HttpExchange, HttpRequestHead } from '../../virtual/network/stack.ts';
import type { Ends } from './ends.ts';
import { type Dial, type Tunnels, tunnelsThrough } from './http-dial.ts';
import { Exchange } from './http-exchange.ts';
import { serverNameOf } from './http-head.ts';
import type { PooledRequest } from './http-open.ts';
import { ConnectionPool } from './http-pool.ts';
import { TlsContexts } from './tls-contexts.ts';

/** Sends the requests of one stack over connections that are its own. */
export class HttpRequests {
  readonly #ends: Ends;
  readonly #tls: TlsContexts;
  readonly #tunnels: Tunnels | undefined;
  #pool: ConnectionPool | undefined;
  #fresh = 0;

  /** @throws BindingError BW_BINDING_CERTIFICATE, BW_BINDING_PROXY */
  constructor(options: NetworkOptions, ends: Ends) {
    this.#ends = ends;
    this.#tls = new TlsContexts(options);
    this.#tunnels = options.proxy && tunnelsThrough(options.proxy);
  }

  start(head: HttpRequestHead, signal: AbortSignal): HttpExchange {
    return new Exchange(head, {
      ends: this.#ends,
      signal,
      connect: (fresh, onConnected) => this.#connection(head, fresh, onConnected),
    });
  }

  #connection(head: HttpRequestHead, fresh: boolean, onConnected: () => void): PooledRequest {
    const { scheme, host, port } = head;
    const address = formatIpAddress(head.address);
    const dial: Dial = {
      address,
      port,
      tls: scheme === 'https' ? { servername: serverNameOf(head), context: this.#tls.for(host) } : undefined,
      onConnected,
      cancel: undefined,
    };
    const poolKey = `${scheme} ${address} ${port} ${host}${fresh ? ` ${++this.#fresh}` : ''}`;
    this.#pool ??= new ConnectionPool(this.#tunnels, this.#ends);
    return { agent: this.#pool, dial, poolKey };
  }
}
