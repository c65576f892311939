import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Endpoint, EndpointResponse, ServerScript } from './script.ts';

/** An HTTP server that a test's program may talk to, and nothing else: gone when the test is over. */
export interface EndpointServer extends AsyncDisposable {
  readonly name: string;
  /** `127.0.0.1:PORT` */
  readonly authority: string;
}

export async function startServer({ name, isClosed, endpoints }: ServerScript): Promise<EndpointServer> {
  const server = createServer((request, response) => void answer(endpoints, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const authority = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  if (isClosed) await close(server);
  return { name, authority, [Symbol.asyncDispose]: () => close(server) };
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}

async function answer(
  endpoints: readonly Endpoint[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // The client may break off: then there is nobody to answer.
  const body = await buffer(request).catch(() => undefined);
  if (body === undefined) return void response.destroy();
  // One connection for each request, as the suite's own server has it.
  response.setHeader('connection', 'close');
  const { method, url } = request;
  const endpoint = endpoints.find((each) => each.method === method && each.path === url);
  if (endpoint === undefined) response.writeHead(404).end();
  else if (endpoint.mode === 'echo-body') response.writeHead(200).end(body);
  else if (endpoint.mode === 'echo-headers') echoHeaders(request, response);
  else reply(endpoint.response, response);
}

/** Whatever the request had, as header fields of the response. */
function echoHeaders(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('x-request-method', request.method ?? '');
  response.setHeader('x-request-path', request.url ?? '');
  for (const [name, values] of Object.entries(request.headersDistinct))
    response.setHeader(`x-echo-${name}`, values ?? []);
  for (const [name, value] of Object.entries(request.trailers))
    response.setHeader(`x-trailer-${name}`, value ?? '');
  response.writeHead(200).end();
}

function reply(
  { status, headers, body, chunks, trailers }: EndpointResponse,
  response: ServerResponse,
): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (chunks === undefined) {
    response.setHeader('content-length', Buffer.byteLength(body));
    response.writeHead(status).end(body);
    return;
  }
  const names = Object.keys(trailers);
  if (names.length > 0) response.setHeader('trailer', names.join(', '));
  response.writeHead(status);
  for (const chunk of chunks) response.write(chunk);
  response.addTrailers(trailers);
  response.end();
}
