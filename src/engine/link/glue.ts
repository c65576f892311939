import vm from 'node:vm';
import { ProgramError } from '../../errors.ts';
import type { Lifts } from './lifts.ts';

/** `instantiate` of jco's glue in sync mode. */
export type GlueInstantiate = (
  getCoreModule: (name: string) => WebAssembly.Module,
  imports: Readonly<Record<string, object>>,
  instantiateCore: (
    module: WebAssembly.Module,
    imports?: WebAssembly.Imports,
  ) => { readonly exports: object },
) => Record<string, unknown>;

/**
 * The glue of one component, evaluated.
 *
 * @param wasm what it shall use as `WebAssembly`
 * @param lifts of the instance; only glue that the generator alone wrote does without
 */
export type Glue = (wasm: object, lifts?: Lifts) => GlueInstantiate;

/** @returns what the glue shall use as `WebAssembly`: the real one, but for `changes` */
export function webAssemblyWith(changes: object): object {
  // Its members are not enumerable, so a spread would copy nothing.
  const members = Object.getOwnPropertyNames(WebAssembly) as (keyof typeof WebAssembly)[];
  return { ...Object.fromEntries(members.map((name) => [name, WebAssembly[name]])), ...changes };
}

/**
 * jco writes names of the component's core modules into the glue, between single quotes and without escaping. A name
 * with a quote in it would become code that runs with all of the host's authority, so such components are refused. So is
 * `__proto__`, which as a key of an object literal is not a name but a prototype.
 */
const UNSAFE_NAME = /['"`\\\p{Cc}\u2028\u2029]|^__proto__$/u;

/**
 * @param names import and export names of the component
 * @throws ProgramError BW_PROGRAM_UNSAFE_NAME
 */
export function assertSafeNames(modules: readonly WebAssembly.Module[], names: readonly string[]): void {
  const all = modules.flatMap((module) => [
    ...WebAssembly.Module.imports(module).flatMap((each) => [each.module, each.name]),
    ...WebAssembly.Module.exports(module).map((each) => each.name),
  ]);
  const unsafe = [...all, ...names].find((name) => UNSAFE_NAME.test(name));
  if (unsafe === undefined) return;
  throw new ProgramError(
    'BW_PROGRAM_UNSAFE_NAME',
    `The component has an import or export named ${JSON.stringify(unsafe)}; quotes, backslashes, control characters and "__proto__" are refused.`,
  );
}

const HEAD = '\nexport function instantiate(';
const TAIL = '\nexport const _util = {';

/**
 * Evaluates jco's glue. {@link assertSafeNames} must have passed.
 *
 * It runs in this realm, because it tells errors from values with `instanceof Error`. Its names for the machine are
 * shadowed, so that it reaches nothing that it is not handed.
 *
 * @throws ProgramError when it is not what the generator writes
 */
export function evaluateGlue(source: string): Glue {
  const head = source.indexOf(HEAD);
  const tail = source.indexOf(TAIL, head);
  if (head < 0 || tail < 0)
    throw new ProgramError(
      'BW_PROGRAM_TRANSLATION',
      'The translated component is broken: its glue has no instantiate().',
    );
  const body = `${source.slice(head + '\nexport '.length, tail)}\nreturn instantiate;`;
  const shadowed = ['process', 'console', 'fetch', 'require', 'Buffer', 'global'];
  const parameters = ['WebAssembly', 'globalThis', 'FinalizationRegistry', '$lifts', ...shadowed];
  const evaluate = vm.compileFunction(`"use strict";${body}`, parameters, {
    filename: 'component-glue.js',
  }) as (wasm: object, scope: object, registry: object, lifts?: Lifts) => GlueInstantiate;
  return (wasm, lifts) => evaluate(wasm, Object.freeze({ WebAssembly: wasm }), NoFinalization, lifts);
}

/**
 * The glue would have the garbage collector run the destructors of a component's own resources: guest code in no call, in
 * a turn of the event loop where nobody catches its traps. Whoever holds such a resource disposes it, or the instance ends.
 */
class NoFinalization {
  register(): void {}

  unregister(): void {}
}

/** @returns whether the glue threw the error case of a `result` without a payload, not a trap or a signal of the host */
export function isErrCase(thrown: unknown): boolean {
  return (
    thrown instanceof Error &&
    Object.hasOwn(thrown, 'payload') &&
    (thrown as { payload?: unknown }).payload === undefined
  );
}
