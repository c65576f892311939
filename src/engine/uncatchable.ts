/** A module whose only function traps. */
const TRAP_MODULE: Uint8Array<ArrayBuffer> = Uint8Array.from(
  [
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    [1, 4, 1, 0x60, 0, 0],
    [3, 2, 1, 0],
    [7, 5, 1, 1, 0x66, 0, 0],
    [10, 5, 1, 3, 0, 0, 0x0b],
  ].flat(),
);

let made: unknown;

/**
 * What ends a suspended guest: the error of a real trap, which V8 takes for one wherever it is thrown again. No handler of the
 * guest, not even one for everything, goes on after it, as it would after any other error.
 */
export function uncatchable(): unknown {
  if (made === undefined) {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(TRAP_MODULE));
    try {
      (exports['f'] as () => void)();
    } catch (trap) {
      made = trap;
    }
  }
  return made;
}
