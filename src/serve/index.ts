/**
 * HTTP in front of components that export `wasi:http/incoming-handler`, or `wasi:http/handler` of WASI 0.3. Node.js's own server
 * speaks the protocol.
 *
 * @packageDocumentation
 */
import { UsageError } from '../errors.ts';
import { type ServeOptions, settingsOf } from './options.ts';
import { assertHandler, isSamePlace } from './routes.ts';
import { Server } from './server.ts';

export { type MetricsAddress, MetricsServer, serveMetrics } from './metrics-server.ts';
export type { Answer, Failure, ServeOptions, ServeTimeouts } from './options.ts';
export type { Route } from './routes.ts';
export type { Server } from './server.ts';

/**
 * Serves components over HTTP.
 *
 * @example
 * import { Engine } from 'bailiwick';
 * import { serve } from 'bailiwick/serve';
 *
 * const program = await new Engine().compile('hello.wasm');
 * await using server = await serve({ routes: [{ program, policy: { version: 1 }, tenant: 'acme' }], port: 0 });
 * console.log(server.url);
 *
 * @throws UsageError BW_SERVE_OPTION, BW_SERVE_LISTEN; InstanceError BW_INSTANCE_NOT_A_HANDLER; PolicyError
 */
export async function serve(options: ServeOptions): Promise<Server> {
  const settings = settingsOf(options);
  for (const [index, route] of settings.routes.entries()) {
    assertHandler(route.program);
    if (!settings.routes.slice(0, index).some((other) => isSamePlace(other, route))) continue;
    const { host = '*', path = '/' } = route;
    throw new UsageError(
      'BW_SERVE_OPTION',
      `Two routes are for ${JSON.stringify(host + path)}; expected one.`,
    );
  }
  const server = new Server(settings);
  await server.listen();
  return server;
}
