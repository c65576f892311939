import { isWasiModule, WASI_VERSION_OF_MODULE } from './wasi-modules.ts';

/** Semantic versions: what is built for 0.3.x runs where 0.3.x is, as soon as it is final. Drafts (`0.3.0-rc-…`) differ from it. */
const PREVIEW3 = /^0\.3\.\d+(?:\+.*)?$/;

/** What has not come yet, and drafts of what has. */
const LATER = /^0\.(?:[3-9]|[1-9]\d+)(?:\.|$)|^[1-9]\d*(?:\.|$)/;

/** @returns whether it is a version of WASI 0.3 that runs here */
export function isPreview3(version: string): boolean {
  return PREVIEW3.test(version);
}

/** @returns why a program of these WASI versions cannot run, or undefined when it can */
export function unsupported(wasi: readonly string[]): string | undefined {
  const found = wasi.find((version) => LATER.test(version) && !isPreview3(version));
  if (found === undefined) return undefined;
  return found.startsWith('0.3')
    ? `it is built for WASI ${found}, a draft that differs from WASI 0.3.0; supported are 0.1, 0.2 and 0.3.0`
    : `it is built for WASI ${found}; supported are 0.1, 0.2 and 0.3.0`;
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
