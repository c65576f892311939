import { readSections } from './binary-reader.ts';

const START_SECTION = 8;

/** V8 does not tell whether a compiled module has a start function, so its bytes are asked when it is compiled. */
const startless = new WeakSet<WebAssembly.Module>();

/** @param bytes that `module` was compiled from */
export function noteStart(module: WebAssembly.Module, bytes: Uint8Array): void {
  if (!readSections(bytes).some(({ id }) => id === START_SECTION)) startless.add(module);
}

/** @returns whether instantiating runs code of the module; true for one that was never noted */
export function mayStart(module: WebAssembly.Module): boolean {
  return !startless.has(module);
}
