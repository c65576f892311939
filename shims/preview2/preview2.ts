import type { Executor } from '../../src/virtual/executor.ts';
import { type Host, INSTANCE_ENDED } from '../../src/virtual/host.ts';
import { Context } from './context.ts';
import { admitRequest, type Handle } from './http/incoming-handler.ts';
import type { IncomingRequest } from './http/incoming-request.ts';
import type { ResponseOutparam } from './http/response-outparam.ts';
import { LOWERINGS } from './lowerings.ts';
import { bindInterfaces } from './plain/bind.ts';
import { Lowerer } from './plain/lowerer.ts';

/** Functions and classes by interface, without versions: `{ 'wasi:io/streams': { InputStream, OutputStream }, … }`. */
export type Preview2Imports = Readonly<Record<string, object>>;

export interface Preview2 {
  readonly imports: Preview2Imports;
  /** @param handle of the guest, as jco's glue exports it */
  handler(handle: (request: IncomingRequest, out: ResponseOutparam) => Promise<void>): Handle;
  /** Drops what the guest left open. */
  dispose(): void;
}

/** @returns whether an interface, given without its version, is one of WASI that is served here */
export function isServed(interfaceName: string): boolean {
  return LOWERINGS.has(interfaceName);
}

/**
 * WASI 0.2.x for one instance as jco's glue imports it: plain functions, each of the hot interfaces with its lowered form
 * under `Symbol.for('cabiLower')`, which the glue uses in hybrid mode.
 *
 * @param interfaces the ones that are needed; all by default
 */
export function preview2(
  host: Host,
  executor: Executor,
  interfaces: Iterable<string> = LOWERINGS.keys(),
): Preview2 {
  const context = new Context(host);
  const { imports, bindings } = bindInterfaces(context, new Lowerer(context, executor), interfaces);
  return {
    imports,
    handler: (handle) => async (parts, out) => {
      const request = admitRequest(context, parts);
      if ('tag' in request) out.set(request);
      else await handle(bindings.make('incoming-request', request), bindings.make('response-outparam', out));
    },
    dispose: () => context.end(INSTANCE_ENDED),
  };
}
