import { MAX_FLAT_ASYNC_PARAMS, MAX_FLAT_PARAMS, MAX_FLAT_RESULTS } from './layout.ts';
import { type CoreSignature, coreSignature } from './core-module.ts';
import { paramsCodec, type ParamsCodec } from './params-codec.ts';
import type { CoreType, CoreValue } from './abi.ts';
import type { FunctionType } from './types.ts';

const syncTypes = new WeakMap<FunctionType, LoweredType>();
const asyncTypes = new WeakMap<FunctionType, LoweredType>();

/**
 * How a function looks to the core code that imports it.
 *
 * @see definitions.py of the Canonical ABI, `flatten_functype`
 */
export class LoweredType {
  /** One for all instances of a program. */
  static of(type: FunctionType, async: boolean): LoweredType {
    const known = async ? asyncTypes : syncTypes;
    let lowered = known.get(type);
    if (lowered === undefined) {
      lowered = new LoweredType(type, async);
      known.set(type, lowered);
    }
    return lowered;
  }

  readonly params: ParamsCodec;
  readonly results: ParamsCodec;
  readonly signature: CoreSignature;

  private constructor({ params, result }: FunctionType, async: boolean) {
    this.params = paramsCodec(
      params.map((param) => param.type),
      async ? MAX_FLAT_ASYNC_PARAMS : MAX_FLAT_PARAMS,
    );
    this.results = paramsCodec(result === undefined ? [] : [result], async ? 0 : MAX_FLAT_RESULTS);
    const { spills, flat } = this.results;
    const flatParams: readonly CoreType[] = spills ? [...this.params.flat, 'i32'] : this.params.flat;
    this.signature = coreSignature(flatParams, async ? 'i32' : spills ? undefined : flat[0]);
  }

  /** Where the caller wants the result, if it goes through memory. */
  readonly outParam = (flat: readonly CoreValue[]): number | undefined =>
    this.results.spills ? (flat[this.params.flat.length] as number) : undefined;
}
