import type { CoreType } from './abi.ts';

/** What a core function takes and gives. */
export interface CoreSignature {
  readonly params: readonly CoreType[];
  readonly result: CoreType | undefined;
}

export type CompileModule = (bytes: Uint8Array<ArrayBuffer>) => WebAssembly.Module;

export const VALUE_TYPES: Readonly<Record<CoreType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };
const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0] as const;

/** Programs declare signatures: there must be an end to what we keep of them. */
const MAX_KEPT = 256;
const kept = new Map<string, WebAssembly.Module>();
const signatures = new Map<string, CoreSignature>();

/** @returns one object for all functions that take and give this, as a rule: it stands for itself in maps */
export function coreSignature(params: readonly CoreType[], result: CoreType | undefined): CoreSignature {
  const key = `${params.join()} ${result}`;
  let signature = signatures.get(key);
  if (signature === undefined) {
    if (signatures.size >= MAX_KEPT) signatures.clear();
    signature = { params, result };
    signatures.set(key, signature);
  }
  return signature;
}

/**
 * How a guest is entered: it is WebAssembly and not a closure, because only so the host hears of the guest's return (`done`)
 * when it happens; the promise of a promising export tells it a few microtasks later, and never without.
 *
 * (module (import "" "callee" (func P → R)) (import "" "done" (func R →)) (func (export "f") P → (call done (call callee …))))
 */
export function entryModule(signature: CoreSignature, compile: CompileModule): WebAssembly.Module {
  return keep('entry', signature, () => {
    const results = signature.result === undefined ? [] : [signature.result];
    const types = [
      functionType(signature.params, results),
      functionType(results, []),
      functionType(signature.params, []),
    ];
    const imports = [
      { name: 'callee', type: 0 },
      { name: 'done', type: 1 },
    ];
    const body = [0, ...getParams(signature), 0x10, 0, 0x10, 1, 0x0b];
    return compile(encodeModule({ types, imports, functions: [{ name: 'f', type: 2, body }] }));
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

/** A module of functions that call each other and what they import; each is exported by its name. */
interface FunctionModule {
  readonly types: readonly (readonly number[])[];
  /** Of functions. @property type a number of `types` */
  readonly imports: readonly { readonly name: string; readonly type: number }[];
  /** @property body with its locals */
  readonly functions: readonly {
    readonly name: string;
    readonly type: number;
    readonly body: readonly number[];
  }[];
}

export function encodeModule({ types, imports, functions }: FunctionModule): Uint8Array<ArrayBuffer> {
  return new Uint8Array([
    ...HEADER,
    ...section(1, list(types)),
    ...section(2, list(imports.map(({ name, type }) => [0, ...text(name), 0, ...size(type)]))),
    ...section(3, list(functions.map(({ type }) => size(type)))),
    ...section(
      7,
      list(functions.map(({ name }, index) => [...text(name), 0, ...size(imports.length + index)])),
    ),
    ...section(10, list(functions.map(({ body }) => [...size(body.length), ...body]))),
  ]);
}

/** Puts the parameters of a function on the stack. */
export function getParams({ params }: CoreSignature): readonly number[] {
  return params.flatMap((_type, index) => [0x20, ...size(index)]);
}

export function functionType(params: readonly CoreType[], results: readonly CoreType[]): readonly number[] {
  return [0x60, ...typeList(params), ...typeList(results)];
}

function typeList(types: readonly CoreType[]): readonly number[] {
  return [types.length, ...types.map((type) => VALUE_TYPES[type])];
}

function section(id: number, content: readonly number[]): readonly number[] {
  return [id, ...size(content.length), ...content];
}

function list(entries: readonly (readonly number[])[]): readonly number[] {
  return [...size(entries.length), ...entries.flat()];
}

function text(name: string): readonly number[] {
  return [name.length, ...Array.from(name, (letter) => letter.charCodeAt(0))];
}

/** LEB128 without a sign. */
export function size(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...size(value >>> 7)];
}
