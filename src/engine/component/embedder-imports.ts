import { hostFunction } from '../../../shims/canonical-abi/host-call.ts';
import type { ComponentFunction } from '../../../shims/canonical-abi/component-function.ts';
import type { Pending } from '../../../shims/canonical-abi/host-function.ts';
import { camelCase, pascalCase } from '../../../shims/canonical-abi/names.ts';
import type { ImportedResourceType } from '../../../shims/canonical-abi/resource.ts';
import type { FunctionType } from '../../../shims/canonical-abi/types.ts';
import type { Result } from '../../../shims/canonical-abi/values.ts';
import { InstanceError } from '../../errors.ts';
import { GuestTrap } from '../../virtual/host.ts';
import type { EmbedderImports } from '../linked.ts';
import type { ImportDefinition, InstanceShape } from './definition.ts';
import { JsMismatch } from './js-mismatch.ts';
import type { JsResources } from './js-resources.ts';
import { jsValuesOf } from './js-values.ts';

/** What the embedder provides for an import. Of types of values, there is nothing to provide. */
export type EmbedderExtern =
  | { readonly sort: 'func'; readonly call: ComponentFunction }
  | { readonly sort: 'type'; readonly resource?: ImportedResourceType }
  | { readonly sort: 'instance'; readonly exports: ReadonlyMap<string, EmbedderExtern> };

/** A function of the embedder's. It may answer a promise: the guest waits then. */
type JsFunction = (...args: unknown[]) => unknown;
type Constructor = new (...args: unknown[]) => object;

/** The functions and classes that the embedder of one instance of a program provides, as components import them. */
export class EmbedderLinker {
  /** By names without versions, as today for components of WASI 0.2. */
  readonly #provided: ReadonlyMap<string, unknown>;
  readonly #resources: JsResources;
  readonly #signal: AbortSignal;
  /** `interface.member` of what is imported and nobody provides. */
  readonly missing: string[] = [];

  constructor(imports: EmbedderImports, resources: JsResources, signal: AbortSignal) {
    this.#provided = new Map(Object.entries(imports).map(([name, value]) => [unversioned(name), value]));
    this.#resources = resources;
    this.#signal = signal;
  }

  /** @returns undefined, with an entry in {@link missing}, where the embedder does not provide all of it */
  link({ name: written, shape }: ImportDefinition): EmbedderExtern | undefined {
    const name = unversioned(written);
    const provided = this.#provided.get(name);
    if (shape.sort === 'type') return shape.type.kind === 'resource' ? this.#missing(name) : { sort: 'type' };
    if (shape.sort === 'instance') return this.#instance(name, shape.shape, provided);
    if (shape.sort !== 'func' || typeof provided !== 'function') return this.#missing(name);
    return { sort: 'func', call: this.#function(name, provided as JsFunction, shape.type) };
  }

  #missing(name: string): undefined {
    this.missing.push(name);
    return undefined;
  }

  #instance(name: string, { exports }: InstanceShape, provided: unknown): EmbedderExtern | undefined {
    const members = (typeof provided === 'object' && provided !== null ? provided : {}) as Members;
    const externs = new Map<string, EmbedderExtern>();
    const before = this.missing.length;
    for (const [key, { sort, ...each }] of exports) {
      if (sort === 'func' && 'type' in each) {
        const call = memberOf(key, members);
        if (call === undefined) this.#missing(`${name}.${jsNameOf(key)}`);
        else
          externs.set(key, {
            sort,
            call: this.#function(`${name}.${jsNameOf(key)}`, call, each.type as FunctionType),
          });
      } else if (sort === 'type') externs.set(key, this.#type(key, members));
      else this.#missing(`${name}.${key}`);
    }
    return this.missing.length === before ? { sort: 'instance', exports: externs } : undefined;
  }

  /** Where there is no class, one of its functions is missing as well, or no resource of the type can exist. */
  #type(key: string, members: Members): EmbedderExtern {
    const implementation = own(members, pascalCase(key));
    if (typeof implementation !== 'function')
      return { sort: 'type', resource: this.#resources.define(key, Nothing) };
    return { sort: 'type', resource: this.#resources.define(key, implementation as Constructor) };
  }

  #function(name: string, call: JsFunction, type: FunctionType): ComponentFunction {
    const params = type.params.map((param) => jsValuesOf(param.type));
    const answer = this.#answerOf(name, type);
    const waits = (_context: undefined, ...args: unknown[]): unknown => {
      if (this.#signal.aborted) throw new GuestTrap('the instance has ended');
      const values = params.map((param, index) => param.toJs(args[index], this.#resources));
      try {
        const given = call(...values);
        return given instanceof Promise ? pendingOf(given, answer) : answer.value(given);
      } catch (error) {
        return answer.error(error);
      }
    };
    return hostFunction(undefined, { waits }, type);
  }

  #answerOf(name: string, { result }: FunctionType): Answer {
    const scope = this.#resources;
    const check = <T>(convert: () => T): T => {
      try {
        return convert();
      } catch (error) {
        throw error instanceof JsMismatch ? wrongAnswer(name, error) : error;
      }
    };
    if (result?.kind !== 'result') {
      const values = result && jsValuesOf(result);
      return {
        value: (given) => check(() => values?.fromJs(given, scope)),
        error: (thrown) => {
          throw thrown;
        },
      };
    }
    const [ok, err] = [result.ok && jsValuesOf(result.ok), result.error && jsValuesOf(result.error)];
    return {
      value: (given): Result<unknown> => check(() => ({ tag: 'ok', val: ok?.fromJs(given, scope) })),
      error: (thrown): Result<unknown, unknown> =>
        check(() => ({ tag: 'err', val: err?.fromJs(payloadOf(thrown), scope) })),
    };
  }
}

/** What becomes of what a function returns or throws. */
interface Answer {
  value(given: unknown): unknown;
  /** Rethrows what is not the error case of a result. */
  error(thrown: unknown): unknown;
}

type Members = Readonly<Record<string, unknown>>;

/** For resource types of which no resource can exist. */
class Nothing {}

function pendingOf(given: Promise<unknown>, answer: Answer): Pending<unknown> {
  return {
    promise: given.then(
      (value) => answer.value(value),
      (error: unknown) => answer.error(error),
    ),
    cancel: () => undefined,
  };
}

/** As jco has it: an error carries the error case as its `payload`, anything else that is thrown is the error case. */
function payloadOf(thrown: unknown): unknown {
  if (typeof thrown === 'object' && thrown !== null && Object.hasOwn(thrown, 'payload'))
    return (thrown as { readonly payload: unknown }).payload;
  if (thrown instanceof Error) throw thrown;
  return thrown;
}

function wrongAnswer(name: string, mismatch: JsMismatch): InstanceError {
  return new InstanceError(
    'BW_IMPORT_RESULT',
    `${name} answered what its type has not: ${mismatch.message}.`,
  );
}

const RESOURCE_FUNCTION = /^\[(constructor|method|static)\]([^.]+)(?:\.(.+))?$/;

/** `get-all` is the function `getAll`, `[method]counter.get-all` that of a `Counter`. */
function memberOf(key: string, members: Members): JsFunction | undefined {
  const [, kind, resource = '', name = ''] = RESOURCE_FUNCTION.exec(key) ?? [];
  if (kind === undefined) return functionOf(members, camelCase(key));
  const implementation = functionOf(members, pascalCase(resource)) as Constructor | undefined;
  if (implementation === undefined) return undefined;
  if (kind === 'constructor') return (...args) => new implementation(...args);
  const member = camelCase(name);
  if (kind === 'static') return functionOf(implementation as unknown as Members, member);
  const prototype = implementation.prototype as Readonly<Record<string, unknown>>;
  if (typeof prototype[member] !== 'function') return undefined;
  return (self, ...args) => (self as Record<string, JsFunction>)[member]?.(...args);
}

function functionOf(members: Members, name: string): JsFunction | undefined {
  const found = own(members, name);
  return typeof found === 'function' ? (found as JsFunction) : undefined;
}

function own(members: Members, name: string): unknown {
  return Object.hasOwn(members, name) ? members[name] : undefined;
}

function jsNameOf(key: string): string {
  const [, kind, resource = '', name = ''] = RESOURCE_FUNCTION.exec(key) ?? [];
  if (kind === undefined) return camelCase(key);
  return kind === 'constructor' ? pascalCase(resource) : `${pascalCase(resource)}.${camelCase(name)}`;
}

function unversioned(name: string): string {
  return name.replace(/@[^@]*$/, '');
}
