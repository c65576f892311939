import type { CoreType } from './abi.ts';

/** What a core function takes and gives. */
export interface CoreSignature {
  readonly params: readonly CoreType[];
  readonly result: CoreType | undefined;
}

export type CompileModule = (bytes: Uint8Array<ArrayBuffer>) => WebAssembly.Module;

const VALUE_TYPES: Readonly<Record<CoreType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };
const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0] as const;
const EMPTY_BLOCK = 0x40;

/** Programs declare signatures: there must be an end to what we keep of them. */
const MAX_KEPT = 256;
const kept = new Map<string, WebAssembly.Module>();

/**
 * How a guest is entered: it is WebAssembly and not a closure, because only so the host hears of the guest's return (`done`)
 * when it happens; the promise of a promising export tells it a few microtasks later, and never without.
 *
 * (module (import "" "callee" (func P → R)) (import "" "done" (func R →)) (func (export "f") P → (call done (call callee …))))
 */
export function entryModule(signature: CoreSignature, compile: CompileModule): WebAssembly.Module {
  return keep('entry', signature, () => {
    const results = resultList(signature);
    const body = [0, ...locals(signature), 0x10, 0, 0x10, 1, 0x0b];
    return compile(
      encode(
        [
          functionType(signature.params, results),
          functionType(results, []),
          functionType(signature.params, []),
        ],
        [
          ['callee', 0],
          ['done', 1],
        ],
        2,
        body,
      ),
    );
  });
}

/**
 * An import that can wait, but whose caller is suspended only when it has to: V8 suspends at every call of a
 * `WebAssembly.Suspending`, and where there is nothing to suspend (a start function) such a call is an error.
 *
 * (func (export "f") P → R (if (call attempt …) (then (call answer)) (else (call suspend))))
 */
export function waitingModule(signature: CoreSignature, compile: CompileModule): WebAssembly.Module {
  return keep('waiting', signature, () => {
    const results = resultList(signature);
    const block = signature.result === undefined ? EMPTY_BLOCK : VALUE_TYPES[signature.result];
    const body = [0, ...locals(signature), 0x10, 0, 0x04, block, 0x10, 1, 0x05, 0x10, 2, 0x0b, 0x0b];
    return compile(
      encode(
        [
          functionType(signature.params, ['i32']),
          functionType([], results),
          functionType(signature.params, results),
        ],
        [
          ['attempt', 0],
          ['answer', 1],
          ['suspend', 1],
        ],
        2,
        body,
      ),
    );
  });
}

/**
 * The two words that each thread of a component instance has for itself: those of the thread that runs. WebAssembly, because
 * a libc keeps its stack pointer there, which nearly every function reads and writes.
 *
 * (module (global (export "slot0") (mut i32) (i32.const 0)) (func (export "get0") …) (func (export "set0") …) and so for 1)
 */
export function contextModule(compile: CompileModule): WebAssembly.Module {
  let module = kept.get('context');
  if (module === undefined) {
    const slots = [0, 1] as const;
    const global = [VALUE_TYPES.i32, 1, 0x41, 0, 0x0b];
    const exported = slots.flatMap((slot) => [
      [...text(`get${slot}`), 0, slot * 2],
      [...text(`set${slot}`), 0, slot * 2 + 1],
      [...text(`slot${slot}`), 3, slot],
    ]);
    const bodies = slots.flatMap((slot) => [
      [4, 0, 0x23, slot, 0x0b],
      [6, 0, 0x20, 0, 0x24, slot, 0x0b],
    ]);
    module = compile(
      new Uint8Array([
        ...HEADER,
        ...section(1, [2, ...functionType([], ['i32']), ...functionType(['i32'], [])]),
        ...section(3, [4, 0, 1, 0, 1]),
        ...section(6, [2, ...global, ...global]),
        ...section(7, [exported.length, ...exported.flat()]),
        ...section(10, [bodies.length, ...bodies.flat()]),
      ]),
    );
    kept.set('context', module);
  }
  return module;
}

function keep(
  kind: string,
  { params, result }: CoreSignature,
  make: () => WebAssembly.Module,
): WebAssembly.Module {
  const key = `${kind} ${params.join()} ${result}`;
  let module = kept.get(key);
  if (module === undefined) {
    if (kept.size >= MAX_KEPT) kept.clear();
    module = make();
    kept.set(key, module);
  }
  return module;
}

function resultList({ result }: CoreSignature): readonly CoreType[] {
  return result === undefined ? [] : [result];
}

function locals({ params }: CoreSignature): readonly number[] {
  return params.flatMap((_type, index) => [0x20, index]);
}

function functionType(params: readonly CoreType[], results: readonly CoreType[]): readonly number[] {
  return [0x60, ...typeList(params), ...typeList(results)];
}

function typeList(types: readonly CoreType[]): readonly number[] {
  return [types.length, ...types.map((type) => VALUE_TYPES[type])];
}

/** @param imports names, and the index of each one's type @param ownType of the one function, exported as `f` */
function encode(
  types: readonly (readonly number[])[],
  imports: readonly (readonly [name: string, type: number])[],
  ownType: number,
  body: readonly number[],
): Uint8Array<ArrayBuffer> {
  return new Uint8Array([
    ...HEADER,
    ...section(1, [types.length, ...types.flat()]),
    ...section(2, [imports.length, ...imports.flatMap(([name, type]) => [0, ...text(name), 0, type])]),
    ...section(3, [1, ownType]),
    ...section(7, [1, ...text('f'), 0, imports.length]),
    ...section(10, [1, ...size(body.length), ...body]),
  ]);
}

function section(id: number, content: readonly number[]): readonly number[] {
  return [id, ...size(content.length), ...content];
}

function text(name: string): readonly number[] {
  return [name.length, ...Array.from(name, (letter) => letter.charCodeAt(0))];
}

/** LEB128 below 2^14: there are 17 parameters at most. */
function size(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, value >>> 7];
}
