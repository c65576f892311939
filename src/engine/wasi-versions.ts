/** @returns why a program of these WASI versions cannot run, or undefined when it can */
export function unsupported(wasi: readonly string[]): string | undefined {
  const future = wasi.find((version) => version.startsWith('0.3'));
  if (future !== undefined) return `WASI ${future} is not supported yet; supported are 0.1 and 0.2`;
  if (wasi.includes('0.0')) return 'wasi_unstable is not supported yet; supported are 0.1 and 0.2';
  return undefined;
}

/** @returns the WASI versions among names such as `wasi:io/streams@0.2.6` and `wasi_snapshot_preview1.fd_write` */
export function versionsOf(...names: readonly (readonly string[])[]): string[] {
  const versions = new Set<string>();
  for (const name of names.flat()) {
    if (name.startsWith('wasi_snapshot_preview1.')) versions.add('0.1');
    else if (name.startsWith('wasi_unstable.')) versions.add('0.0');
    else if (name.startsWith('wasi:')) versions.add(/@(.+)$/.exec(name)?.[1] ?? 'unversioned');
  }
  return [...versions].toSorted();
}
