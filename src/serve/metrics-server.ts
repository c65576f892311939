import {
  createServer,
  type IncomingMessage,
  type Server as NodeServer,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Engine } from '../index.ts';
import { PROMETHEUS_CONTENT_TYPE, prometheusText } from '../metrics/index.ts';
import { listen, urlOf } from './listen.ts';

/** Where {@link serveMetrics} listens. */
export interface MetricsAddress {
  /** 127.0.0.1 by default, which only this machine reaches: metrics name tenants. */
  readonly host?: string;
  /** 0 by default: one that is free. */
  readonly port?: number;
}

/** Metrics of an engine behind an HTTP server of their own; made by {@link serveMetrics}. */
export class MetricsServer implements AsyncDisposable {
  readonly #server: NodeServer;

  /** @internal */
  constructor(server: NodeServer) {
    this.#server = server;
  }

  /** The port that it listens on. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** `http://127.0.0.1:9464/metrics` */
  get url(): string {
    return `${urlOf(this.#server.address() as AddressInfo)}metrics`;
  }

  /** Ends it, and every connection to it. */
  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Who collects metrics asks now and then, with small requests, over few connections. */
const BOUNDS = { maxHeaderSize: 16 * 2 ** 10, headersTimeout: 5000, requestTimeout: 5000 } as const;
const MAX_CONNECTIONS = 64;

/**
 * Answers `GET /metrics` with what the instances of an engine used and how they ended, in the text format of Prometheus. It
 * listens apart from what tenants' programs answer, so that nobody from outside reads who the tenants are.
 *
 * @throws UsageError BW_SERVE_LISTEN
 */
export async function serveMetrics(
  engine: Pick<Engine, 'metrics'>,
  { host = '127.0.0.1', port = 0 }: MetricsAddress = {},
): Promise<MetricsServer> {
  const server = createServer(BOUNDS, (request, response) => answer(engine, request, response));
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, host, port);
  return new MetricsServer(server);
}

function answer(engine: Pick<Engine, 'metrics'>, request: IncomingMessage, response: ServerResponse): void {
  const { method, url = '' } = request;
  if (url.split('?', 1)[0] !== '/metrics') send(response, 404, 'Not Found: see /metrics\n');
  else if (method !== 'GET') send(response, 405, 'Method Not Allowed\n', { allow: 'GET' });
  else send(response, 200, prometheusText(engine), { 'content-type': PROMETHEUS_CONTENT_TYPE });
}

function send(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    'content-type': 'text/plain',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    // Bodies of requests are nothing that anybody reads here.
    ...(status !== 200 && { connection: 'close' }),
    ...headers,
  });
  response.end(body);
}
