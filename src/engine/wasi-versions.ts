import { isWasiModule, WASI_VERSION_OF_MODULE } from './wasi-modules.ts';

/** @returns why a program of these WASI versions cannot run, or undefined when it can */
export function unsupported(wasi: readonly string[]): string | undefined {
  const future = wasi.find((version) => version.startsWith('0.3'));
  if (future !== undefined) return `WASI ${future} is not supported yet; supported are 0.1 and 0.2`;
  return undefined;
}

/**
 * @returns the WASI versions among names such as `wasi:io/streams@0.2.6` and `wasi_snapshot_preview1.fd_write`; the module
 *   `wasi_unstable`, which came before 0.1, is `0.0`
 */
export function versionsOf(...names: readonly (readonly string[])[]): string[] {
  const versions = new Set<string>();
  for (const name of names.flat()) {
    const module = name.slice(0, name.indexOf('.'));
    if (isWasiModule(module)) versions.add(WASI_VERSION_OF_MODULE[module]);
    else if (name.startsWith('wasi:')) versions.add(/@(.+)$/.exec(name)?.[1] ?? 'unversioned');
  }
  return [...versions].toSorted();
}
