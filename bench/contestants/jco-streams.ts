import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cli, clocks, filesystem, http } from '@bytecodealliance/preview3-shim';
import { TranspiledComponent } from './transpile.ts';

/** What a command of 0.3 exports in jco's glue. */
export interface AsyncCommand {
  readonly run: { run(): Promise<void> };
}

/** What a handler of 0.3 exports in jco's glue. */
export interface AsyncHandler {
  readonly handler: { handle(request: unknown): Promise<unknown> };
}

/** The peer for 0.3: what jco's own tests use, its default bindings with JSPI. */
export function transpileAsync<Exports>(
  component: Uint8Array,
  directory: string,
  asyncExport: string,
): Promise<TranspiledComponent<Exports>> {
  const target = join(directory, 'glue');
  mkdirSync(target);
  return TranspiledComponent.make(component, target, {
    asyncMode: 'jspi',
    asyncExports: [asyncExport],
    validLiftingOptimization: true,
    strict: true,
  });
}

/** preview3-shim over a directory: all that bench/guests import. Its arguments and preopens are those of the process. */
export function asyncShim(args: readonly string[], directory: string): object {
  cli._setArgs(['program.wasm', ...args]);
  // The published types are those for browsers, where a preopen is no path.
  const preopens = { '/data': directory } as unknown as Parameters<typeof filesystem._setPreopens>[0];
  filesystem._setPreopens(preopens);
  return {
    'wasi:cli/environment': cli.environment,
    'wasi:cli/stdin': cli.stdin,
    'wasi:cli/stdout': cli.stdout,
    'wasi:clocks/monotonic-clock': clocks.monotonicClock,
    'wasi:filesystem/preopens': filesystem.preopens,
    'wasi:filesystem/types': filesystem.types,
    'wasi:http/types': http.types,
  };
}
