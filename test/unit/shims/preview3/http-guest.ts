import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { drainInto, FutureCell, readFuture, sourceOf } from '../../../../shims/canonical-abi/host-streams.ts';
import type { HostResourceType, Pending } from '../../../../shims/canonical-abi/host-function.ts';
import type { FutureSource, Result, StreamSource } from '../../../../shims/canonical-abi/values.ts';
import { Context } from '../../../../shims/preview3/context.ts';
import { httpClient } from '../../../../shims/preview3/http/client.ts';
import { httpTypes } from '../../../../shims/preview3/http/types.ts';
import type { HttpClient, HttpErrorCode, HttpTypes } from '../../../../shims/preview3/wit.ts';
import type { HttpResources } from '../../../../shims/preview3/http/resources.ts';
import { openNetwork } from '../../../../src/ambient/network/open-network.ts';
import type { PolicyDocument } from '../../../../src/policy/index.ts';
import type { Fields } from '../../../../src/virtual/http/fields.ts';
import type { Request } from '../../../../src/virtual/http/request.ts';
import type { Response } from '../../../../src/virtual/http/response.ts';
import { Pipe } from '../../../../src/virtual/io/pipe.ts';
import type { NetworkStack } from '../../../../src/virtual/network/stack.ts';
import { TestClient } from '../../virtual/http/client.ts';
import { bytes, readAll, texts } from '../../virtual/http/streams.ts';

type Functions = HttpTypes<HttpResources>;
export type Answer = Result<Response, HttpErrorCode>;
export type Trailers = Result<Fields | undefined, HttpErrorCode>;

/** What a guest's own body is made of. */
export interface BodyText {
  /** `true`: the test writes it. */
  readonly contents?: string | true;
  readonly trailers?: Trailers;
  readonly headers?: readonly (readonly [string, string])[];
}

/** The other ends of what a message was made of, and how they were treated. */
export interface Ends {
  /** Writes the body. */
  readonly pipe: Pipe;
  readonly trailers: FutureCell<Trailers>;
  readonly transmission: FutureSource;
  readonly ends: { stream: 'open' | 'closed' | 'failed' | 'dropped'; trailersDropped: boolean };
}

/** A guest in JavaScript, over a real host: it holds its ends of streams and futures as one of WebAssembly would. */
export class HttpGuest {
  readonly client: TestClient;
  readonly context: Context;
  readonly #stack: NetworkStack = openNetwork({});

  constructor(
    http: NonNullable<PolicyDocument['http']> = [],
    secrets: Readonly<Record<string, string>> = {},
  ) {
    this.client = new TestClient(http, { secrets, wrap: () => this.#stack });
    this.context = new Context(this.client.test.host);
  }

  call<N extends keyof Functions>(name: N, ...args: Parameters<Functions[N]>): ReturnType<Functions[N]> {
    const call = httpTypes.functions[name] as (context: Context, ...args: unknown[]) => unknown;
    return call(this.context, ...args) as ReturnType<Functions[N]>;
  }

  /** Drops the guest's handle of a resource. */
  drop<R extends keyof HttpResources>(resource: R, value: HttpResources[R]): void {
    const type = httpTypes.resources[resource] as HostResourceType<Context>;
    type.release(this.context, value);
  }

  fields(entries: readonly (readonly [string, string])[] = []): Fields {
    const made = this.call(
      '[static]fields.from-list',
      entries.map(([name, value]) => [name, bytes(value)] as const),
    );
    if (made.tag === 'err' || made.val === undefined) throw new Error('no fields');
    return made.val;
  }

  /** @returns the request, the writer of its body, that of its trailers, and its transmission */
  request(url: string, method = 'GET', body: BodyText = {}): Ends & { readonly request: Request } {
    const pipe = new Pipe();
    const ends: Ends['ends'] = { stream: 'open', trailersDropped: false };
    const trailers = new FutureCell<Trailers>(() => (ends.trailersDropped = true));
    const [request, transmission] = this.call(
      '[static]request.new',
      this.fields(body.headers),
      body.contents === undefined ? undefined : this.stream(pipe, (why) => (ends.stream = why)),
      trailers,
      undefined,
    );
    fill(pipe, trailers, body);
    const [, scheme = '', authority = '', path] = /^(\w+):\/\/([^/?]*)(.*)$/.exec(url) ?? [];
    this.call('[method]request.set-method', request, { tag: 'other', val: method });
    this.call('[method]request.set-scheme', request, { tag: 'other', val: scheme });
    this.call('[method]request.set-authority', request, authority);
    this.call('[method]request.set-path-with-query', request, path);
    return { request, pipe, trailers, transmission, ends };
  }

  response(status: number, body: BodyText = {}): Ends & { readonly response: Response } {
    const pipe = new Pipe();
    const ends: Ends['ends'] = { stream: 'open', trailersDropped: false };
    const trailers = new FutureCell<Trailers>(() => (ends.trailersDropped = true));
    const [response, transmission] = this.call(
      '[static]response.new',
      this.fields(body.headers),
      body.contents === undefined ? undefined : this.stream(pipe, (why) => (ends.stream = why)),
      trailers,
    );
    fill(pipe, trailers, body);
    this.call('[method]response.set-status-code', response, status);
    return { response, pipe, trailers, transmission, ends };
  }

  /** A stream whose other end is a pipe. */
  stream(pipe: Pipe, onEnd: (why: 'closed' | 'failed' | 'dropped') => void = () => undefined): StreamSource {
    return sourceOf(pipe.input, (why) => {
      if (why === 'dropped') pipe.abandon();
      onEnd(why);
    });
  }

  /** @returns what `send` gave: at once, or to wait for */
  start(request: Request): Answer | Pending<Answer> {
    const { waits } = httpClient.functions['send'] as { waits: unknown };
    return (waits as (context: Context, ...args: Parameters<HttpClient<HttpResources>['send']>) => Answer)(
      this.context,
      request,
    );
  }

  async send(request: Request): Promise<Answer> {
    const started = this.start(request);
    return 'promise' in started ? started.promise : started;
  }

  /** @returns status, fields, body and trailers of an answer, or the tag of its error */
  async show(answer: Answer): Promise<unknown> {
    if (answer.tag === 'err') return answer.val.tag;
    if (answer.val === undefined) throw new Error('no response');
    const response = answer.val;
    const headers = this.call('[method]response.get-headers', response);
    const fields = texts(headers.entries())?.filter((line) => line.startsWith('x-'));
    const status = this.call('[method]response.get-status-code', response);
    this.drop('fields', headers);
    return [status, fields, ...(await this.consume('response', response))];
  }

  /** @returns a body, and what came after it */
  async consume(kind: 'request', message: Request): Promise<readonly [string, unknown]>;
  async consume(kind: 'response', message: Response): Promise<readonly [string, unknown]>;
  async consume(
    kind: 'request' | 'response',
    message: Request | Response,
  ): Promise<readonly [string, unknown]> {
    const [stream, trailers] = this.consumed(kind, message);
    const text = await readStream(stream);
    return [text, await this.trailers(trailers)];
  }

  consumed(kind: 'request' | 'response', message: Request | Response): readonly [StreamSource, FutureSource] {
    return kind === 'request'
      ? this.call('[static]request.consume-body', message as Request, okay())
      : this.call('[static]response.consume-body', message as Response, okay());
  }

  async trailers(future: FutureSource): Promise<unknown> {
    const result = await valueOf<Trailers>(future);
    if (result?.tag !== 'ok') return result?.val.tag;
    if (result.val === undefined) return 'none';
    const lines = texts(result.val.entries());
    this.drop('fields', result.val);
    return lines;
  }

  get handles(): number {
    return this.context.host.meter.handles;
  }

  /** What the guard put on record: kind, rule or limit, subject. */
  get records(): readonly unknown[] {
    return this.client.records;
  }

  /** The instance ends. */
  end(): void {
    this.client.test.abort.abort();
    this.context.end(new Error('ended'));
    this.#stack.close();
  }
}

/** A future that has `ok` already. */
export function okay(): FutureSource {
  const cell = new FutureCell<Result>();
  cell.resolve({ tag: 'ok' });
  return cell;
}

/** @returns the value of a future; undefined: there never is one */
export function valueOf<T>(future: FutureSource): Promise<T | undefined> {
  return new Promise((resolve) => void readFuture<T>(future, resolve));
}

/** @returns `ok`, or the tag of the error that a transmission ended in */
export async function outcome(transmission: FutureSource): Promise<string | undefined> {
  const result = await valueOf<Result<undefined, HttpErrorCode>>(transmission);
  return result?.tag === 'err' ? result.val.tag : result?.tag;
}

/** Reads a stream to its end. */
export async function readStream(source: StreamSource): Promise<string> {
  const pipe = new Pipe();
  drainInto(source, pipe.output, () => pipe.end());
  return (await readAll(pipe.input))[0];
}

function fill(pipe: Pipe, trailers: FutureCell<Trailers>, { contents, trailers: given }: BodyText): void {
  if (contents !== true) {
    pipe.push(bytes(contents ?? ''));
    pipe.end();
  }
  if (given !== undefined || contents !== true) trailers.resolve(given ?? { tag: 'ok', val: undefined });
}

export interface TestServer extends AsyncDisposable {
  /** `http://127.0.0.1:8080` */
  readonly url: string;
  /** A rule that allows everything there. */
  readonly rule: {
    readonly id: string;
    readonly methods: readonly ['GET', 'POST', 'PUT', 'HEAD'];
    readonly url: string;
  };
}

/** Listens on this machine. */
export async function listen(
  onRequest: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>,
): Promise<TestServer> {
  const server: Server = createServer((request, response) => void onRequest(request, response)).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    rule: { id: 'api', methods: ['GET', 'POST', 'PUT', 'HEAD'], url: `${url}/**` },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
