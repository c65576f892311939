import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import type { BailiwickProgram } from '../contestants/bailiwick.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Gitignored, and inside the repository: the bundles import the packages that the sources do. */
const OUTPUT = join(ROOT, '.cache/bench');
const ENTRY = join(import.meta.dirname, '../contestants/bailiwick.ts');
const GUARD = join(ROOT, 'src/kernel/guard.ts');
const BYPASS = join(import.meta.dirname, 'guard.ts');

/**
 * Bundles our side of the benchmark with the guard, or with one that lets everything pass. The product has no switch for
 * that; both bundles are made the same way, so that nothing else differs.
 */
export async function buildContestant(kind: 'guarded' | 'unguarded'): Promise<typeof BailiwickProgram> {
  const outfile = join(OUTPUT, `${kind}.mjs`);
  const { metafile } = await build({
    entryPoints: [ENTRY],
    outfile,
    bundle: true,
    absWorkingDir: ROOT,
    format: 'esm',
    platform: 'node',
    target: 'node26',
    logLevel: 'error',
    metafile: true,
    packages: 'external',
    // Not a package's, but resolved as one: jco's generator.
    external: ['#*'],
    plugins: kind === 'unguarded' ? [bypass] : [],
  });
  const hasGuard = Object.keys(metafile.inputs).some((input) => GUARD.endsWith(`/${input}`));
  if (hasGuard !== (kind === 'guarded')) throw new Error(`the ${kind} bundle has the wrong guard`);
  const bundle = (await import(outfile)) as { readonly BailiwickProgram: typeof BailiwickProgram };
  return bundle.BailiwickProgram;
}

const bypass: Plugin = {
  name: 'bypass-guard',
  setup(bundler) {
    bundler.onResolve({ filter: /guard\.ts$/ }, ({ path, resolveDir }) =>
      join(resolveDir, path) === GUARD ? { path: BYPASS } : undefined,
    );
  },
};
