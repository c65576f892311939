import { describe, expect, test } from 'vitest';
import { ComponentInstance } from '../../../../shims/canonical-abi/component-instance.ts';
import { type CoreSignature, coreSignature } from '../../../../shims/canonical-abi/core-module.ts';
import { WaitingPlan } from '../../../../shims/canonical-abi/waiting-functions.ts';
import { asyncFunc, EXECUTORS, gate, type TestComponent, TestStore, U32 } from './components.ts';
import type { CoreValue } from '../../../../shims/canonical-abi/abi.ts';
import type { CoreImport } from '../../../../shims/canonical-abi/canon-options.ts';

type Call = (...flat: CoreValue[]) => CoreValue | undefined;

/** More than one byte can number. */
const SIGNATURES: readonly CoreSignature[] = Array.from({ length: 200 }, (_, index) =>
  index % 3 === 0
    ? coreSignature(['i32', 'i32'], 'i32')
    : index % 3 === 1
      ? coreSignature(['i64', 'f64', ...Array.from({ length: 15 }, () => 'i32' as const)], 'i64')
      : coreSignature([], undefined),
);

describe.each(EXECUTORS)('functions that can wait, %s', (_name, executor) => {
  const take = (plan: WaitingPlan, signatures: readonly CoreSignature[], calls: unknown[]): Call[] => {
    const { waiting } = new ComponentInstance(new TestStore(executor()).store);
    waiting.follow(plan);
    const functions = signatures.map((signature, index) =>
      waiting.take(signature, (...flat: CoreValue[]) => {
        calls.push([index, ...flat]);
        return signature.result === 'i64' ? BigInt(index) : signature.result && index;
      }),
    );
    waiting.note(plan);
    return functions as unknown as Call[];
  };

  const callAll = (functions: readonly Call[], signatures: readonly CoreSignature[]): unknown[] =>
    functions.map((call, index) =>
      call(...(signatures[index]?.params.map((type, at) => (type === 'i64' ? 7n : at)) ?? [])),
    );

  const expected = (signatures: readonly CoreSignature[]): unknown[] =>
    signatures.map(({ result }, index) => (result === 'i64' ? BigInt(index) : result && index));

  test('each calls its own, in the first instance of a component and in others', () => {
    const plan = new WaitingPlan();
    for (let instance = 0; instance < 2; instance++) {
      const calls: unknown[] = [];
      const functions = take(plan, SIGNATURES, calls);
      expect(callAll(functions, SIGNATURES)).toEqual(expected(SIGNATURES));
      expect(calls).toEqual(
        SIGNATURES.map(({ params }, index) => [
          index,
          ...params.map((type, at) => (type === 'i64' ? 7n : at)),
        ]),
      );
    }
    expect(plan.signatures).toEqual(SIGNATURES);
  });

  test('an instance that takes other ones than the first did', () => {
    const plan = new WaitingPlan();
    take(plan, SIGNATURES, []);
    const others = [...SIGNATURES.slice(1, 20).toReversed(), ...SIGNATURES];
    expect(callAll(take(plan, others, []), others)).toEqual(expected(others));
  });

  test('one that follows the plan suspends its caller', async () => {
    const plan = new WaitingPlan();
    const run = async (): Promise<unknown> => {
      const world = new TestStore(executor());
      const { promise, open } = gate<number>();
      const waits = (): unknown => ({ promise, cancel: () => undefined });
      const imports = (c: TestComponent): Readonly<Record<string, CoreImport>> => {
        c.instance.waiting.follow(plan);
        const wait = c.host(asyncFunc([U32], U32), { waits });
        const double = c.host(asyncFunc([U32], U32), { waits: (_context, value: number) => value * 2 });
        c.instance.waiting.note(plan);
        return { wait, double };
      };
      const component = await world.component(
        `(module
          (import "" "wait" (func $wait (param i32) (result i32)))
          (import "" "double" (func $double (param i32) (result i32)))
          (memory (export "memory") 1)
          (func (export "f") (param i32) (result i32)
            (i32.add (call $double (local.get 0)) (call $wait (local.get 0)))))`,
        imports,
      );
      const result = world.call(component.sync('f', asyncFunc([U32], U32)), 21);
      open(100);
      return result;
    };
    expect([await run(), await run()]).toEqual([142, 142]);
    expect(plan.signatures).toHaveLength(2);
  });
});
