import type { Machine } from '../virtual/machine.ts';
import type { CompileCache } from './cache.ts';
import { detect } from './detect.ts';
import type { LinkTarget } from './linked.ts';

/**
 * Compiles a program. Whoever imports the library may never compile, or one kind of program only: what runs programs loads with the
 * first one, and the shims of a WASI version with the first program that needs them.
 *
 * @throws ProgramError
 */
export async function compileTarget(
  { bytes, name, digest }: { readonly bytes: Uint8Array; readonly name: string; readonly digest: string },
  cache: CompileCache | undefined,
  machine: Machine,
): Promise<LinkTarget> {
  if (detect(bytes, name) === 'module') {
    const { compileModule } = await import('./module-target.ts');
    return compileModule(bytes, name);
  }
  const { compileComponent } = await import('./component-target.ts');
  return compileComponent({ bytes, name, digest }, cache, machine);
}
