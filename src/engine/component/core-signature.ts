import type { CoreType } from '../../../shims/canonical-abi/abi.ts';
import {
  MAX_FLAT_ASYNC_PARAMS,
  MAX_FLAT_PARAMS,
  MAX_FLAT_RESULTS,
} from '../../../shims/canonical-abi/layout.ts';
import { paramsCodec } from '../../../shims/canonical-abi/params-codec.ts';
import type { FunctionType, ValueType } from '../../../shims/canonical-abi/types.ts';
import type { BuiltinDefinition, CanonOptionIndices } from './definition.ts';

/** The type of a core function. */
export interface Signature {
  readonly params: readonly CoreType[];
  readonly results: readonly CoreType[];
}

/** `(i32, i64) -> (f64)` */
export function signatureText({ params, results }: Signature): string {
  return `(${params.join(', ')}) -> (${results.join(', ')})`;
}

/**
 * What a core function must be to be lifted.
 *
 * @see definitions.py of the Canonical ABI, `flatten_functype`
 */
export function liftedSignature(type: FunctionType, { async, callback }: CanonOptionIndices): Signature {
  const params = flatParams(type, MAX_FLAT_PARAMS);
  if (async) return { params, results: callback === undefined ? [] : ['i32'] };
  const { spills, flat } = flatOf([type.result], MAX_FLAT_RESULTS);
  return { params, results: spills ? ['i32'] : flat };
}

/** What a function is lowered to. */
export function loweredSignature(type: FunctionType, { async }: CanonOptionIndices): Signature {
  const params = flatParams(type, async ? MAX_FLAT_ASYNC_PARAMS : MAX_FLAT_PARAMS);
  const { spills, flat } = flatOf([type.result], MAX_FLAT_RESULTS);
  if (async) return { params: type.result === undefined ? params : [...params, 'i32'], results: ['i32'] };
  return spills ? { params: [...params, 'i32'], results: [] } : { params, results: flat };
}

/** What a built-in function is for core WebAssembly. */
export function builtinSignature(builtin: BuiltinDefinition): Signature {
  if (builtin.name !== 'task.return') return SIGNATURES[builtin.name];
  const { spills, flat } = flatOf([builtin.result], MAX_FLAT_PARAMS);
  return { params: spills ? ['i32'] : flat, results: [] };
}

const NOTHING: Signature = { params: [], results: [] };
const GIVES_I32: Signature = { params: [], results: ['i32'] };
const GIVES_TWO: Signature = { params: [], results: ['i64'] };
const TAKES_I32: Signature = { params: ['i32'], results: [] };
const I32_TO_I32: Signature = { params: ['i32'], results: ['i32'] };
const TWO_TO_I32: Signature = { params: ['i32', 'i32'], results: ['i32'] };
const THREE_TO_I32: Signature = { params: ['i32', 'i32', 'i32'], results: ['i32'] };

const SIGNATURES: Readonly<Record<Exclude<BuiltinDefinition['name'], 'task.return'>, Signature>> = {
  'resource.new': I32_TO_I32,
  'resource.drop': TAKES_I32,
  'resource.rep': I32_TO_I32,
  'context.get': GIVES_I32,
  'context.set': TAKES_I32,
  'task.cancel': NOTHING,
  'subtask.cancel': I32_TO_I32,
  'subtask.drop': TAKES_I32,
  'backpressure.inc': NOTHING,
  'backpressure.dec': NOTHING,
  'thread.yield': GIVES_I32,
  'waitable-set.new': GIVES_I32,
  'waitable-set.wait': TWO_TO_I32,
  'waitable-set.poll': TWO_TO_I32,
  'waitable-set.drop': TAKES_I32,
  'waitable.join': { params: ['i32', 'i32'], results: [] },
  'stream.new': GIVES_TWO,
  'stream.read': THREE_TO_I32,
  'stream.write': THREE_TO_I32,
  'stream.cancel-read': I32_TO_I32,
  'stream.cancel-write': I32_TO_I32,
  'stream.drop-readable': TAKES_I32,
  'stream.drop-writable': TAKES_I32,
  'future.new': GIVES_TWO,
  'future.read': TWO_TO_I32,
  'future.write': TWO_TO_I32,
  'future.cancel-read': I32_TO_I32,
  'future.cancel-write': I32_TO_I32,
  'future.drop-readable': TAKES_I32,
  'future.drop-writable': TAKES_I32,
};

function flatParams({ params }: FunctionType, limit: number): readonly CoreType[] {
  const { spills, flat } = flatOf(
    params.map(({ type }) => type),
    limit,
  );
  return spills ? ['i32'] : flat;
}

function flatOf(
  types: readonly (ValueType | undefined)[],
  limit: number,
): { readonly spills: boolean; readonly flat: readonly CoreType[] } {
  return paramsCodec(
    types.filter((type) => type !== undefined),
    limit,
  );
}
