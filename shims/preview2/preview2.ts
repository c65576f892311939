import type { Executor } from '../../src/virtual/executor.ts';
import { GuestTrap, type Host } from '../../src/virtual/host.ts';
import { Context } from './context.ts';
import { GLUE_ONLY } from './glue-only.ts';
import { LOWERINGS } from './lowerings.ts';
import { bindInterfaces } from './plain/bind.ts';
import { Lowerer } from './plain/lowerer.ts';

/** Functions and classes by interface, without versions: `{ 'wasi:io/streams': { InputStream, OutputStream }, … }`. */
export type Preview2Imports = Readonly<Record<string, object>>;

export interface Preview2 {
  readonly imports: Preview2Imports;
  /** Drops what the guest left open. */
  dispose(): void;
}

/** @returns whether an interface, given without its version, is one of WASI that is served here */
export function isServed(interfaceName: string): boolean {
  return LOWERINGS.has(interfaceName) || GLUE_ONLY.has(interfaceName);
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
  interfaces: Iterable<string> = [...LOWERINGS.keys(), ...GLUE_ONLY.keys()],
): Preview2 {
  const context = new Context(host);
  const imports = bindInterfaces(context, new Lowerer(context, executor), interfaces);
  return { imports, dispose: () => context.end(new GuestTrap('the instance has ended')) };
}
