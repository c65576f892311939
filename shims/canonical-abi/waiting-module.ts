import {
  type CompileModule,
  type CoreSignature,
  encodeModule,
  functionType,
  getParams,
  size,
  VALUE_TYPES,
} from './core-module.ts';

const EMPTY_BLOCK = 0x40;

/** As long as somebody has the list. */
const kept = new WeakMap<readonly CoreSignature[], WebAssembly.Module>();

/**
 * Imports that can wait, but whose caller is suspended only when it has to: V8 suspends at every call of a
 * `WebAssembly.Suspending`, and where there is nothing to suspend (a start function) such a call is an error.
 *
 * (func (export "0") P → R (if (call attempt (i32.const 0) …) (then (call answer)) (else (call suspend))))
 *
 * @param signatures of its functions, which are exported by their numbers
 */
export function waitingModule(
  signatures: readonly CoreSignature[],
  compile: CompileModule,
): WebAssembly.Module {
  let module = kept.get(signatures);
  if (module === undefined) {
    module = compile(encode(signatures));
    kept.set(signatures, module);
  }
  return module;
}

/** It imports the same functions once for each signature, as that is part of an import. */
function encode(signatures: readonly CoreSignature[]): Uint8Array<ArrayBuffer> {
  const kinds = [...new Set(signatures)];
  const numbers = new Map(kinds.map((kind, index) => [kind, index]));
  return encodeModule({
    types: kinds.flatMap(({ params, result }) => {
      const results = result === undefined ? [] : [result];
      return [
        functionType(['i32', ...params], ['i32']),
        functionType([], results),
        functionType(params, results),
      ];
    }),
    imports: kinds.flatMap((_kind, index) => [
      { name: 'attempt', type: index * 3 },
      { name: 'answer', type: index * 3 + 1 },
      { name: 'suspend', type: index * 3 + 1 },
    ]),
    functions: signatures.map((signature, slot) => {
      const first = (numbers.get(signature) as number) * 3;
      return { name: `${slot}`, type: first + 2, body: bodyOf(signature, first, slot) };
    }),
  });
}

/** @param first number of the `attempt` of its signature, which the two others follow */
function bodyOf(signature: CoreSignature, first: number, slot: number): readonly number[] {
  const { result } = signature;
  const block = result === undefined ? EMPTY_BLOCK : VALUE_TYPES[result];
  const call = (offset: number): readonly number[] => [0x10, ...size(first + offset)];
  const attempt = [0x41, ...constant(slot), ...getParams(signature), ...call(0)];
  return [0, ...attempt, 0x04, block, ...call(1), 0x05, ...call(2), 0x0b, 0x0b];
}

/** LEB128 with a sign, of what has none. */
function constant(value: number): readonly number[] {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...constant(value >>> 7)];
}
