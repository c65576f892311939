import { meterModule, type MeteredModule } from '../metering/meter-module.ts';
import { importObject } from '../import-object.ts';

/** What a metered module exports, its own exports and those of the metering apart. */
export interface MeteredExports {
  readonly exports: WebAssembly.Exports;
  /** Units that it may still execute. */
  readonly counter: WebAssembly.Global<'i32'>;
  /** What it calls when there are none. */
  readonly tick: WebAssembly.Global<'anyfunc'>;
  /** Its start function, which has not run yet. */
  readonly start: (() => unknown) | undefined;
}

const names = new WeakMap<WebAssembly.Module, MeteredModule['exports']>();

/** Compiles a core module with the metering in it. @throws ProgramError */
export async function compileMetered(bytes: Uint8Array): Promise<WebAssembly.Module> {
  const metered = meterModule(bytes);
  const module = await WebAssembly.compile(metered.bytes);
  names.set(module, metered.exports);
  return module;
}

/** @returns undefined for a module that is not metered */
export function meteredExports(
  module: WebAssembly.Module,
  exports: WebAssembly.Exports,
): MeteredExports | undefined {
  const known = names.get(module);
  if (known === undefined) return undefined;
  const hidden = new Set(Object.values(known));
  return {
    exports: importObject(Object.entries(exports).filter(([name]) => !hidden.has(name))),
    counter: exports[known.counter] as WebAssembly.Global<'i32'>,
    tick: exports[known.tick] as WebAssembly.Global<'anyfunc'>,
    start: known.start === undefined ? undefined : (exports[known.start] as () => unknown),
  };
}
