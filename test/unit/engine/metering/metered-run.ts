import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { FuelGauge } from '../../../../src/engine/cpu/fuel-gauge.ts';
import { Answer, instantiateTick } from '../../../../src/engine/cpu/tick.ts';
import { meterModule } from '../../../../src/engine/metering/meter-module.ts';

export interface MeteredRun {
  readonly exports: Readonly<Record<string, (...args: unknown[]) => unknown>>;
  /** Units so far. */
  readonly spent: () => number;
  /** Why the module asked, in order. */
  readonly reasons: readonly number[];
  readonly start: string | undefined;
}

export interface MeteredOptions {
  /** Units that are given at a time. */
  readonly chunk?: number;
  readonly limit?: number;
  readonly imports?: WebAssembly.Imports;
  /** What is answered instead of units, by how often it was asked before. */
  readonly answer?: (asked: number) => number | undefined;
}

export async function meter(wat: string, options: MeteredOptions = {}): Promise<MeteredRun> {
  return meterBytes(await parse(wat), options);
}

export function meterBytes(
  bytes: Uint8Array,
  { chunk = 1000, limit = Infinity, imports = {}, answer = () => undefined }: MeteredOptions = {},
): MeteredRun {
  const { bytes: metered, exports: names } = meterModule(bytes);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(metered), imports);
  const counter = exports[names.counter] as WebAssembly.Global<'i32'>;
  const fuel = new FuelGauge(limit);
  fuel.add(counter);
  const reasons: number[] = [];
  (exports[names.tick] as WebAssembly.Global<'anyfunc'>).value = instantiateTick({
    tick: (left, reason) => {
      counter.value = left;
      reasons.push(reason);
      const other = answer(reasons.length - 1);
      if (other !== undefined) return other;
      return fuel.isSpent ? Answer.end : fuel.refill(counter, chunk);
    },
    yield: () => new Promise((resolve) => setImmediate(resolve)),
  });
  return {
    exports: exports as Record<string, (...args: unknown[]) => unknown>,
    spent: () => fuel.spent,
    reasons,
    start: names.start,
  };
}
