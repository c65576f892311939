/**
 * A function that stands for one which does not exist yet: it calls what is later put into its table. It is WebAssembly and
 * not a closure, because a guest can be suspended only while there is no JavaScript frame among its own.
 */
export interface Trampoline {
  readonly module: WebAssembly.Module;
  /** Exports of the module. */
  readonly call: string;
  readonly table: string;
}

/** The functions of a program that an adapter imports, by name; each has always the same type. */
export type LateFunction = keyof typeof SIGNATURES;

const I32 = 0x7f;

/** `\0asm`, version 1. */
const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0] as const;

const SIGNATURES = {
  _start: { parameters: 0, results: 0 },
  cabi_realloc: { parameters: 4, results: 1 },
} as const;

const made = new Map<LateFunction, Trampoline>();

export function isLateFunction(name: string): name is LateFunction {
  return Object.hasOwn(SIGNATURES, name);
}

export function trampoline(name: LateFunction): Trampoline {
  let found = made.get(name);
  if (found === undefined) {
    const { parameters, results } = SIGNATURES[name];
    const module = new WebAssembly.Module(encode(parameters, results));
    found = { module, call: 'c', table: 't' };
    made.set(name, found);
  }
  return found;
}

/**
 * (module (table (export "t") 1 1 funcref)
 *   (func (export "c") (param i32…) (result i32…) local.get… (call_indirect (type 0) (i32.const 0))))
 */
function encode(parameters: number, results: number): Uint8Array<ArrayBuffer> {
  const types = (count: number): number[] => [count, ...Array<number>(count).fill(I32)];
  const section = (id: number, content: readonly number[]): number[] => [id, content.length, ...content];
  const locals = Array.from({ length: parameters }, (_, i) => [0x20, i]).flat();
  const body = [0, ...locals, 0x41, 0, 0x11, 0, 0, 0x0b];
  return Uint8Array.from([
    ...HEADER,
    ...section(1, [1, 0x60, ...types(parameters), ...types(results)]),
    ...section(3, [1, 0]),
    ...section(4, [1, 0x70, 1, 1, 1]),
    ...section(7, [2, 1, 0x63, 0, 0, 1, 0x74, 1, 0]),
    ...section(10, [1, body.length, ...body]),
  ]);
}
