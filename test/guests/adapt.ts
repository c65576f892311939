import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildKey, buildOnce } from './build-cache.ts';
import { JCO, packageVersion } from './packages.ts';

/**
 * Makes a 0.2 component of a 0.1 command, through the adapter that jco ships; once, then it comes from the cache.
 *
 * @param name for the file in the cache
 * @param module not written in C: through addGuardedRealloc first, when its allocator takes all memory that it finds
 */
export async function adaptCommand(name: string, module: Uint8Array): Promise<Uint8Array> {
  const adapter = await readFile(join(JCO, 'wasi_snapshot_preview1.command.wasm'));
  const key = buildKey([await packageVersion('@bytecodealliance/jco-transpile'), adapter, module]);
  return buildOnce(`${name}.component`, key, async () => {
    const { componentNew } = await import('@bytecodealliance/jco-transpile/wasm-tools');
    return componentNew(module, [['wasi_snapshot_preview1', adapter]]);
  });
}
