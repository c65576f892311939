import type { ComponentFunction } from '../../../shims/canonical-abi/component-function.ts';
import { invokeFromHost } from '../../../shims/canonical-abi/invoke.ts';
import { camelCase } from '../../../shims/canonical-abi/names.ts';
import type { Store } from '../../../shims/canonical-abi/store.ts';
import type { FunctionType } from '../../../shims/canonical-abi/types.ts';
import type { Result } from '../../../shims/canonical-abi/values.ts';
import { ComponentError } from '../../../shims/preview2/plain/component-error.ts';
import { InstanceError } from '../../errors.ts';
import { CallAnswer } from '../exports.ts';
import { importObject } from '../import-object.ts';
import { JsMismatch } from './js-mismatch.ts';
import type { JsScope } from './js-value-types.ts';
import { jsValuesOf } from './js-values.ts';

/** What an instance exports, as far as it can be called. */
export type Exported =
  | { readonly sort: 'func'; readonly call: ComponentFunction }
  | { readonly sort: 'instance'; readonly exports: ReadonlyMap<string, Exported> }
  | { readonly sort: string };

type JsExports = Record<string, unknown>;

/**
 * The exports of a component in jco's spelling: `get-all` is `getAll`, and an interface stands under its name with its version
 * and under its short one. Functions of resource types keep their names of WIT (`[method]counter.get-all`), and take the resource
 * as their first argument. What fails without an end of the instance gives a {@link CallAnswer}.
 */
export function callableExports(
  exports: ReadonlyMap<string, Exported>,
  store: Store,
  scope: JsScope,
): JsExports {
  const callable = importObject<unknown>();
  for (const [name, each] of exports) {
    if (isFunction(each)) callable[jsName(name)] = callableFunction(name, each.call, store, scope);
    else if (isInstance(each)) {
      const members = [...each.exports].flatMap(([key, member]): [string, unknown][] =>
        isFunction(member)
          ? [[jsName(key), callableFunction(`${name}#${key}`, member.call, store, scope)]]
          : [],
      );
      // Without functions it only has types.
      if (members.length === 0) continue;
      callable[name] = Object.fromEntries(members);
      callable[shortName(name)] ??= callable[name];
    }
  }
  return callable;
}

function isFunction(exported: Exported): exported is Extract<Exported, { sort: 'func'; call: unknown }> {
  return exported.sort === 'func' && 'call' in exported;
}

function isInstance(exported: Exported): exported is Extract<Exported, { exports: unknown }> {
  return exported.sort === 'instance' && 'exports' in exported;
}

/** `acme:kv/key-store@1.0.0` is `keyStore`. */
function shortName(name: string): string {
  return camelCase(name.replace(/@[^@]*$/, '').replace(/^.*\//, ''));
}

function jsName(name: string): string {
  return name.startsWith('[') ? name : camelCase(name);
}

function callableFunction(
  name: string,
  fn: ComponentFunction,
  store: Store,
  scope: JsScope,
): (...args: readonly unknown[]) => Promise<unknown> {
  const { params, result } = fn.type;
  const values = params.map((param) => jsValuesOf(param.type));
  const answer = answerOf(result, scope);
  const argument = (index: number, value: unknown): unknown =>
    JsMismatch.within(params[index]?.name ?? '', () => values[index]?.fromJs(value, scope));
  return async (...args) => {
    let given: readonly unknown[];
    try {
      given = params.map((_param, index) => argument(index, args[index]));
    } catch (error) {
      if (error instanceof JsMismatch) return failed(wrongArgument(name, error));
      throw error;
    }
    return answer(await invokeFromHost(store, fn, given).promise);
  };
}

function answerOf(result: FunctionType['result'], scope: JsScope): (value: unknown) => unknown {
  if (result?.kind !== 'result') {
    const values = result && jsValuesOf(result);
    return (value) => answered(values?.toJs(value, scope));
  }
  const [ok, err] = [result.ok && jsValuesOf(result.ok), result.error && jsValuesOf(result.error)];
  return (value) => {
    const { tag, val } = value as Result<unknown, unknown>;
    if (tag === 'ok') return answered(ok?.toJs(val, scope));
    return failed(new ComponentError(err?.toJs(val, scope)));
  };
}

/** A promise must not be waited for within the call: its value may take other calls to come. */
function answered(value: unknown): unknown {
  return value instanceof Promise ? new CallAnswer(() => value) : value;
}

function failed(error: Error): CallAnswer {
  return new CallAnswer(() => {
    throw error;
  });
}

function wrongArgument(name: string, mismatch: JsMismatch): InstanceError {
  return new InstanceError(
    'BW_CALL_ARGUMENT',
    `${name} was given what its type has not: ${mismatch.message}.`,
  );
}
