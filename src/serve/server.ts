import {
  createServer,
  type IncomingMessage,
  type Server as NodeServer,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { ServedResponse } from '../virtual/http/response-outparam.ts';
import { headOf, refuse, statusOf, targetOf, writeHead } from './answer.ts';
import { Instances } from './instances.ts';
import { listen, urlOf } from './listen.ts';
import { bodyOf, sendBody } from './node-bodies.ts';
import type { Settings } from './options.ts';
import { type Route, RouteTable } from './routes.ts';
import { Slots } from './slots.ts';

interface ServedRoute extends Pick<Route, 'host' | 'path' | 'tenant' | 'program'> {
  readonly instances: Instances;
}

interface Target {
  readonly authority: string | undefined;
  readonly path: string;
}

/** Components behind an HTTP server; made by {@link serve}. */
export class Server implements AsyncDisposable {
  readonly #settings: Settings;
  readonly #routes: RouteTable<ServedRoute>;
  readonly #instances: readonly Instances[];
  readonly #slots: Slots;
  readonly #server: NodeServer;
  #address: AddressInfo = { address: '', family: '', port: 0 };
  #active = 0;
  #closing: Promise<void> | undefined;
  #whenDone: (() => void) | undefined;

  /** @internal */
  constructor(settings: Settings) {
    const served = settings.routes.map(({ host, path, tenant, program }, index): ServedRoute => {
      const instances = new Instances(settings.routes[index] as Route, settings.reuse);
      return { program, instances, ...(host && { host }), ...(path && { path }), ...(tenant && { tenant }) };
    });
    this.#settings = settings;
    this.#routes = new RouteTable(served);
    this.#instances = served.map(({ instances }) => instances);
    this.#slots = new Slots(settings.maxConcurrent, settings.maxWaiting);
    this.#server = this.#createServer();
  }

  /** @internal @throws UsageError BW_SERVE_LISTEN */
  async listen(): Promise<void> {
    const { host, port } = this.#settings;
    await listen(this.#server, host, port);
    this.#address = this.#server.address() as AddressInfo;
  }

  /** The port that it listens on. */
  get port(): number {
    return this.#address.port;
  }

  /** `http://127.0.0.1:8080/` */
  get url(): string {
    return urlOf(this.#address);
  }

  /**
   * Takes no more requests and lets those that run finish; those that have not after `grace` are cut off, and their instances
   * ended.
   *
   * @param grace milliseconds; 10,000 by default
   */
  async close({ grace = 10_000 }: { readonly grace?: number } = {}): Promise<void> {
    this.#closing ??= this.#drain();
    const timer = setTimeout(() => this.#cutOff(), grace);
    if (grace <= 0) this.#cutOff();
    await this.#closing;
    clearTimeout(timer);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #drain(): Promise<void> {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    const { promise: done, resolve: whenDone } = Promise.withResolvers<void>();
    this.#whenDone = whenDone;
    if (this.#active === 0) whenDone();
    await done;
    this.#server.closeIdleConnections();
    await Promise.all(this.#instances.map((each) => each.close()));
    await closed;
  }

  #cutOff(): void {
    this.#server.closeAllConnections();
    for (const each of this.#instances) void each.close();
  }

  #createServer(): NodeServer {
    const { timeouts, maxHeaderBytes, maxConnections } = this.#settings;
    const server = createServer(
      {
        maxHeaderSize: maxHeaderBytes,
        headersTimeout: Math.min(timeouts.headers, timeouts.request),
        requestTimeout: timeouts.request,
        keepAliveTimeout: timeouts.keepAlive,
        connectionsCheckingInterval: Math.max(10, Math.min(1000, timeouts.headers / 2)),
        insecureHTTPParser: false,
      },
      (request, response) => void this.#answer(request, response),
    );
    server.maxConnections = maxConnections;
    // With a listener of ours it is up to us to say that the client may go on.
    server.on(
      'checkContinue',
      (request: IncomingMessage, response: ServerResponse) =>
        void this.#answer(request, response, () => response.writeContinue()),
    );
    // Tunnels and other protocols lead around everything here.
    server.on('connect', (_request: IncomingMessage, socket: Socket) => socket.destroy());
    return server;
  }

  async #answer(request: IncomingMessage, response: ServerResponse, accept?: () => void): Promise<void> {
    const start = performance.now();
    this.#active++;
    // Connections outlive requests, and a server that closes waits for them.
    if (this.#closing !== undefined) response.setHeader('connection', 'close');
    const target = targetOf(request);
    const route = target && this.#routes.find(target.authority, target.path);
    response.once('close', () => {
      const { method = '', url = '' } = request;
      const time = performance.now() - start;
      this.#settings.onAnswer?.({
        method,
        path: url,
        status: response.statusCode,
        tenant: route?.tenant,
        time,
      });
      if (--this.#active === 0) this.#whenDone?.();
    });
    if (target === undefined) refuse(response, 400, { connection: 'close' });
    else if (route === undefined) refuse(response, 404);
    else if (Number(request.headers['content-length'] ?? 0) > this.#settings.maxBodyBytes)
      refuse(response, 413, { connection: 'close' });
    else await this.#enter(route, target, request, response, accept);
  }

  async #enter(
    route: ServedRoute,
    target: Target,
    request: IncomingMessage,
    response: ServerResponse,
    accept: (() => void) | undefined,
  ): Promise<void> {
    if (!this.#slots.tryTake() && !(await this.#slotFor(response))) {
      refuse(response, 503, { 'retry-after': '1', connection: 'close' });
      return;
    }
    accept?.();
    try {
      await this.#exchange(route, target, request, response);
    } catch (error) {
      // Who ended the instance by going away needs no answer.
      if (!isGone(response)) this.#report(route, request, error);
      const status = statusOf(error);
      refuse(response, status, status === 503 ? { 'retry-after': '1' } : {});
    } finally {
      this.#slots.release();
    }
  }

  async #slotFor(response: ServerResponse): Promise<boolean> {
    const gone = new AbortController();
    response.once('close', () => gone.abort('gone'));
    return this.#slots.take(gone.signal);
  }

  async #send(response: ServerResponse, served: ServedResponse, onFailure: () => void): Promise<void> {
    const isWhole = await sendBody(response, served, this.#settings.timeouts.write);
    if (!isWhole) onFailure();
  }

  #report(
    { program, tenant }: ServedRoute,
    { method = '', url = '' }: IncomingMessage,
    error: unknown,
  ): void {
    this.#settings.onFailure?.({ method, path: url, program: program.name, tenant, error });
  }

  /** Settles when the guest has returned and its answer is sent, or cut off. */
  async #exchange(
    route: ServedRoute,
    target: Target,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { instances } = route;
    const lease = await instances.take();
    const { instance } = lease;
    const gone = new AbortController();
    const cancel = (): void => {
      if (!isGone(response)) return;
      // Nobody waits for the answer any more. Where the instance has to live on for others, this call of it need not.
      gone.abort('gone');
      instances.abandon(lease).catch((error: unknown) => this.#report(route, request, error));
    };
    response.once('close', cancel);
    try {
      // Then `close` has come already.
      if (isGone(response)) return;
      const body = bodyOf(request, this.#settings.maxBodyBytes, () =>
        refuse(response, 413, { connection: 'close' }),
      );
      const { answer, done } = await instance.exchange({ ...headOf(request, target), body }, gone.signal);
      const served = await answer;
      if (response.headersSent || response.destroyed) served.body.stream.close();
      else if (writeHead(response, served, request.method === 'HEAD'))
        await this.#send(response, served, () => this.#report(route, request, instance.bodyError()));
      await done;
    } finally {
      response.off('close', cancel);
      await instances.giveBack(lease);
    }
  }
}

/** @returns whether nobody waits for the answer any more, which is not there yet */
function isGone({ destroyed, writableFinished }: ServerResponse): boolean {
  return destroyed && !writableFinished;
}
