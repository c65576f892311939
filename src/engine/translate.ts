import { ProgramError } from '../errors.ts';
import { boundLifts } from './bound-lifts.ts';
import { generate, type GenerateOptions, type Transpiled } from './generator.ts';

/** A component as jco's generator translates it. */
export interface Translation {
  /** JavaScript: `export function instantiate(getCoreModule, imports, instantiateCore)`. */
  readonly glue: string;
  readonly cores: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  /** Interfaces without versions: `wasi:io/streams`. */
  readonly imports: readonly string[];
  /** Interfaces with versions, functions, and jco's short names of interfaces: `wasi:cli/run@0.2.6`, `run`. */
  readonly exports: readonly (readonly [name: string, type: 'function' | 'instance'])[];
}

/** Part of every cache key: whoever changes what this file makes of the generator's output raises it. */
export const TRANSLATION_VERSION = 3;

/** `[iface="wasi:cli/run@0.2.12", function="run"][Instruction::CallWasm] enter`: once in each function that the component exports. */
const LIFTED = /\[iface="([^"\n]*)", function="([^"\n]*)"\]\[Instruction::CallWasm\] enter/g;

/**
 * Translates a component. Every exported function becomes asynchronous, because every one may call what suspends.
 *
 * @throws ProgramError BW_PROGRAM_NOT_TRANSLATABLE in the generator's words
 */
export async function translate(component: Uint8Array): Promise<Translation> {
  // Enough for a command. What else is exported shows in the result, and only then a second run is needed.
  const guess = ['run'];
  let transpiled = await generate(component, optionsFor(guess));
  const functions = suspendable(glueOf(transpiled));
  if (functions.some((name) => !guess.includes(name.replace(/^.*#/, '')))) {
    transpiled = await generate(component, optionsFor(functions));
  }
  return {
    glue: boundLifts(patchGlue(glueOf(transpiled))),
    cores: transpiled.files
      .filter(([name]) => name.endsWith('.wasm'))
      .map(([name, bytes]) => ({ name, bytes })),
    imports: transpiled.imports,
    exports: transpiled.exports,
  };
}

function optionsFor(exports: string[]): GenerateOptions {
  return {
    name: 'component',
    noTypescript: true,
    noNodejsCompat: true,
    instantiation: { tag: 'sync' },
    importBindings: { tag: 'hybrid' },
    // Calls between components copy from memory to memory; without this, jco copies byte by byte in JavaScript.
    multiMemory: true,
    asyncMode: { tag: 'jspi', val: { imports: [], exports } },
  };
}

function glueOf({ files }: Transpiled): string {
  const file = files.find(([name]) => name.endsWith('.js'));
  if (file === undefined)
    throw new ProgramError(
      'BW_PROGRAM_NOT_TRANSLATABLE',
      'the component cannot be translated: the generator gave no glue',
    );
  return new TextDecoder().decode(file[1]);
}

/** Exported functions in the spelling of `asyncMode`. jco 0.15 writes `await` into constructors and statics, which are not async. */
function suspendable(glue: string): string[] {
  const names = [...glue.matchAll(LIFTED)].map(([, interfaceName, name]) => ({
    interfaceName,
    name: name as string,
  }));
  return names
    .filter(({ name }) => !/^\[(constructor|static)\]/.test(name))
    .map(({ interfaceName, name }) => (interfaceName ? `${interfaceName}#${name}` : name));
}

const LENIENT_DROP = 'if (val === 0 || (scope & T_FLAG) !== 0) {';

const CREATE_HANDLE = 'function rscTableCreateOwn(table, rep) {';
const REMEMBER_REP = 'table._createdReps.add(rep);';

/** Entries that an instance's tables of handles may have, 100 bytes each. No limit of a policy counts its own resources. */
const MAX_HANDLE_ENTRIES = 1_000_000;

const COUNT_HANDLE = `if ((free === 0 || !table._createdReps.has(rep)) && handleEntries++ >= ${MAX_HANDLE_ENTRIES})
      throw new WebAssemblyRuntimeError('too many handles of resources of its own');`;

/**
 * jco 0.15 lets a guest drop a handle beyond the end of the table, and links the table's free list through it. It makes
 * handles of the guest's own resources, and remembers what they stood for, without an end.
 */
function patchGlue(glue: string): string {
  return glue
    .replace(LENIENT_DROP, 'if (!val || (scope & T_FLAG) !== 0) {')
    .replace(CREATE_HANDLE, `let handleEntries = 0;\n  ${CREATE_HANDLE}`)
    .replace(REMEMBER_REP, `${COUNT_HANDLE}\n    ${REMEMBER_REP}`);
}
