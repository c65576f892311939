import { noteStart } from '../start-function.ts';

/**
 * A function that stands for one which does not exist yet: it calls what is later put into its table. It is WebAssembly and
 * not a closure, because a guest can be suspended only while there is no JavaScript frame among its own.
 */
export interface Trampoline {
  /** Exports the function as `c` and its table as `t`. */
  readonly module: WebAssembly.Module;
  /**
   * Imports `t` and, as `f`, what the function shall call, from a module without a name. Not `table.set`: an executor may hand
   * out exports in a wrapping of its own, which only its `instantiate` takes off again.
   */
  readonly filler: WebAssembly.Module;
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
    found = {
      module: compile(encodeCaller(parameters, results)),
      filler: compile(encodeFiller(parameters, results)),
    };
    made.set(name, found);
  }
  return found;
}

function compile(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  const module = new WebAssembly.Module(bytes);
  noteStart(module, bytes);
  return module;
}

/**
 * (module (table (export "t") 1 1 funcref)
 *   (func (export "c") (param i32…) (result i32…) local.get… (call_indirect (type 0) (i32.const 0))))
 */
function encodeCaller(parameters: number, results: number): Uint8Array<ArrayBuffer> {
  const locals = Array.from({ length: parameters }, (_, i) => [0x20, i]).flat();
  const body = [0, ...locals, 0x41, 0, 0x11, 0, 0, 0x0b];
  return encode(
    section(1, typeOf(parameters, results)),
    section(3, [1, 0]),
    section(4, [1, ...TABLE]),
    section(7, [2, ...name('c'), 0, 0, ...name('t'), 1, 0]),
    section(10, [1, body.length, ...body]),
  );
}

/** (module (import "" "t" (table 1 1 funcref)) (import "" "f" (func (type 0))) (elem (i32.const 0) func 0)) */
function encodeFiller(parameters: number, results: number): Uint8Array<ArrayBuffer> {
  return encode(
    section(1, typeOf(parameters, results)),
    section(2, [2, ...name(''), ...name('t'), 1, ...TABLE, ...name(''), ...name('f'), 0, 0]),
    section(9, [1, 0, 0x41, 0, 0x0b, 1, 0]),
  );
}

/** funcref, 1 to 1 */
const TABLE = [0x70, 1, 1, 1] as const;

function typeOf(parameters: number, results: number): number[] {
  const types = (count: number): number[] => [count, ...Array<number>(count).fill(I32)];
  return [1, 0x60, ...types(parameters), ...types(results)];
}

function name(text: string): number[] {
  return [text.length, ...new TextEncoder().encode(text)];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, content.length, ...content];
}

function encode(...sections: readonly (readonly number[])[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([HEADER, ...sections].flat());
}
