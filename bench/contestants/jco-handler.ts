// The peer for handlers of 0.3, which jco's own command refuses: its glue behind the server of preview3-shim.
// `node jco-handler.ts COMPONENT DIRECTORY PORT`
import { readFile } from 'node:fs/promises';
import { http } from '@bytecodealliance/preview3-shim';
import { type AsyncHandler, asyncShim, transpileAsync } from './jco-streams.ts';

const [component = '', directory = '', port = ''] = process.argv.slice(2);
const transpiled = await transpileAsync<AsyncHandler>(
  await readFile(component),
  directory,
  'wasi:http/handler#handle',
);
const { handler } = await transpiled.instantiate(asyncShim([], directory));

/** The published types are those for browsers, which have no server. */
interface Server {
  on(event: 'error', listener: (error: unknown) => void): void;
  listen(port: number, host: string): Promise<void>;
}

// One instance for all requests: a new one for each would cost it more.
const { HttpServer } = http as unknown as {
  readonly HttpServer: new (served: { handle(request: unknown): Promise<object> }) => Server;
};
const server = new HttpServer({
  handle: async (request) => ({ tag: 'ok', val: await handler.handle(request) }),
});
// It takes no clients that go away before their answer, as a load generator does at its end: that would end the process.
process.on('unhandledRejection', () => undefined);
server.on('error', () => undefined);
await server.listen(Number(port), '127.0.0.1');
