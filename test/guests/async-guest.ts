import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { buildKey, buildOnce } from './build-cache.ts';
import { BARE_FLAGS, cFiles, cModule, preopenRoot } from './index.ts';
import { JCO, packageVersion } from './packages.ts';

const WIT_0_3 = join(JCO, 'wit/builtin/0.3.0');

/**
 * A C guest straight on the Canonical ABI, as a component of WASI 0.3.
 *
 * @param source a name in test/guests/p3, or the path of a .c file; a .wit file of the same name beside it has its world, which
 *   may name any package of WASI 0.3.0
 */
export async function asyncGuest(source: string): Promise<Uint8Array> {
  const file = source.endsWith('.c') ? source : join(import.meta.dirname, 'p3', `${source}.c`);
  const name = basename(file, '.c');
  const world = await readFile(join(dirname(file), `${name}.wit`), 'utf8');
  const binary = await cModule(`p3-${name}`, await cFiles(file), [...BARE_FLAGS], `${name}.c`);
  const key = buildKey([await packageVersion('@bytecodealliance/jco-transpile'), world, binary]);
  return buildOnce(`p3-${name}.component`, key, () => asyncEmbed(binary, world));
}

async function asyncEmbed(binary: Uint8Array, world: string): Promise<Uint8Array> {
  const { componentEmbed, componentNew } = await import('@bytecodealliance/jco-transpile/wasm-tools');
  await preopenRoot();
  const witPath = await mkdtemp(join(tmpdir(), 'bailiwick-wit-'));
  try {
    await cp(WIT_0_3, join(witPath, 'deps'), { recursive: true });
    await writeFile(join(witPath, 'world.wit'), world);
    return await componentNew(await componentEmbed({ binary, witPath, dummy: false }), []);
  } finally {
    await rm(witPath, { recursive: true, force: true });
  }
}
