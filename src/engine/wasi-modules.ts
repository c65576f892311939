/** The modules from which core modules import WASI, and what its versions are called here. */
export const WASI_VERSION_OF_MODULE = { wasi_snapshot_preview1: '0.1', wasi_unstable: '0.0' } as const;

export type WasiModule = keyof typeof WASI_VERSION_OF_MODULE;

/** WASI before 0.1. It differs in what shims/preview1/snapshot.ts lists. */
export const UNSTABLE_MODULE: WasiModule = 'wasi_unstable';

export function isWasiModule(name: string): name is WasiModule {
  return Object.hasOwn(WASI_VERSION_OF_MODULE, name);
}
