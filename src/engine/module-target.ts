import { maySuspend, preview1, type Preview1Imports } from '../../shims/preview1/index.ts';
import { ProgramError } from '../errors.ts';
import type { GuestFunction, HostFunction } from '../virtual/executor.ts';
import { type AdjustedCore, adjustCore } from './adjust-core.ts';
import { CoreVariants, variantOf } from './core-variants.ts';
import { checkWasiImports } from './check-wasi-imports.ts';
import { MEMORY_MODULE, type MemoryType } from './core-memory.ts';
import { embedderFunction } from './embedder-function.ts';
import { importObject } from './import-object.ts';
import type { EmbedderImports, LinkContext, LinkedProgram, LinkTarget } from './linked.ts';
import { makeMemories } from './make-memories.ts';
import { missingImports } from './missing-imports.ts';
import { noteStart } from './start-function.ts';
import { isWasiModule, UNSTABLE_MODULE } from './wasi-modules.ts';

/**
 * Compiles a core module of WASI 0.1, in either of its snapshots. It links directly to shims/preview1, without an adapter.
 *
 * @throws ProgramError when V8 refuses the bytes or the module imports a function of WASI with another type
 */
export async function compileModule(bytes: Uint8Array, name: string): Promise<LinkTarget> {
  const core = adjustCore(bytes);
  let module: WebAssembly.Module;
  try {
    module = await WebAssembly.compile(core.bytes as Uint8Array<ArrayBuffer>);
  } catch (cause) {
    const reason =
      cause instanceof Error ? cause.message.replace(/^WebAssembly\.compile\(\): /, '') : String(cause);
    throw new ProgramError('BW_PROGRAM_INVALID', `${name} is not a valid WebAssembly module: ${reason}`, {
      cause,
    });
  }
  checkWasiImports(bytes, name);
  noteStart(module, core.bytes);
  return new ModuleTarget(module, core);
}

class ModuleTarget implements LinkTarget {
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  readonly #variants: CoreVariants<WebAssembly.Module>;
  readonly memoryCount: number;
  readonly #memories: readonly MemoryType[];
  /** What the module imports of WASI 0.1. */
  readonly #wasi: readonly WasiImports[];
  /** Everything else that it imports. */
  readonly #foreign: readonly WebAssembly.ModuleImportDescriptor[];

  constructor(module: WebAssembly.Module, core: AdjustedCore) {
    const { memories } = core;
    this.#variants = new CoreVariants([core], module, ([only]) => only as WebAssembly.Module);
    this.#memories = memories;
    this.memoryCount = memories.length;
    const all = WebAssembly.Module.imports(module);
    // Ours stand last. A guest that names our module itself asks for something that nobody provides.
    const imports = all.slice(0, all.length - memories.length);
    this.#wasi = wasiImportsOf(imports);
    this.#foreign = imports.filter((each) => !isWasiModule(each.module));
    this.imports = imports.map((each) => `${each.module}.${each.name}`);
    this.exports = WebAssembly.Module.exports(module).map((each) => each.name);
  }

  async link({ host, executor, imports }: LinkContext): Promise<LinkedProgram> {
    const memories = makeMemories(this.#memories, host.meter.limits.memory);
    const wasi = preview1(host);
    const linked: WebAssembly.Imports = this.#linkForeign(imports, host.signal);
    const provided = this.#wasi.map((each) => ({ ...each, functions: functionsOf(wasi, each.module) }));
    const missing = [...provided.flatMap(unknownFunctions), ...this.#absent(linked)];
    if (missing.length > 0) throw missingImports(missing, "{ 'module': { name: … } }");
    const suspending = maySuspend(host);
    for (const each of provided) linked[each.module] = linkWasi(each, suspending, executor);
    if (memories.length > 0)
      linked[MEMORY_MODULE] = importObject(memories.map((memory, i) => [`memory${i}`, memory]));
    // Before anything runs: a start function may call the host.
    if (memories[0] !== undefined) wasi.bindMemory(memories[0]);
    const module = await this.#variants.take(variantOf(executor, host.meter.limits));
    const { exports } = await executor.instantiateWaiting(module, linked);
    if (exports['memory'] instanceof WebAssembly.Memory) wasi.bindMemory(exports['memory']);
    return linkExports(exports, executor, memories, () => wasi.dispose());
  }

  #linkForeign(imports: EmbedderImports, signal: AbortSignal): WebAssembly.Imports {
    const linked = importObject<WebAssembly.ModuleImports>();
    for (const { module, name } of this.#foreign) {
      const provided =
        module !== MEMORY_MODULE && Object.hasOwn(imports, module) ? imports[module] : undefined;
      if (provided === undefined || !Object.hasOwn(provided, name)) continue;
      const value = provided[name] as WebAssembly.ImportValue;
      (linked[module] ??= importObject())[name] =
        typeof value === 'function'
          ? embedderFunction(`${module}.${name}`, value as (...args: unknown[]) => unknown, signal)
          : value;
    }
    return linked;
  }

  /** What neither WASI nor the embedder provides. */
  #absent(linked: WebAssembly.Imports): string[] {
    return this.#foreign
      .filter(({ module, name }) => linked[module]?.[name] === undefined)
      .map(({ module, name }) => `${module}.${name}`);
  }
}

/** The functions that a program imports from one module of WASI. */
interface WasiImports {
  readonly module: string;
  readonly names: readonly string[];
}

interface ProvidedImports extends WasiImports {
  readonly functions: Readonly<Record<string, HostFunction>>;
}

/** A program may have been linked from parts for either snapshot: then it imports both modules. */
function wasiImportsOf(imports: readonly WebAssembly.ModuleImportDescriptor[]): WasiImports[] {
  const modules = new Set(imports.map(({ module }) => module).filter(isWasiModule));
  return Array.from(modules, (module) => ({
    module,
    names: imports.filter((each) => each.module === module).map(({ name }) => name),
  }));
}

function functionsOf(wasi: Preview1Imports, module: string): ProvidedImports['functions'] {
  return module === UNSTABLE_MODULE ? wasi.unstable() : wasi.functions;
}

function unknownFunctions({ module, names, functions }: ProvidedImports): string[] {
  return names.filter((name) => !Object.hasOwn(functions, name)).map((name) => `${module}.${name}`);
}

function linkWasi(
  { names, functions }: ProvidedImports,
  suspending: ReadonlySet<string>,
  executor: LinkContext['executor'],
): WebAssembly.ModuleImports {
  const linked = importObject<WebAssembly.ImportValue>();
  for (const name of names) {
    const fn = functions[name] as HostFunction;
    linked[name] = suspending.has(name) ? executor.suspending(fn) : fn;
  }
  return linked;
}

async function linkExports(
  exports: WebAssembly.Exports,
  executor: LinkContext['executor'],
  memories: readonly WebAssembly.Memory[],
  dispose: () => void,
): Promise<LinkedProgram> {
  const start = exports['_start'];
  const initialize = exports['_initialize'];
  // A module has one or the other (WASI application ABI): a command runs once, a reactor is initialised, then called.
  if (typeof start !== 'function' && typeof initialize === 'function')
    await executor.promising(initialize as GuestFunction)();
  const run = typeof start === 'function' ? executor.promising(start as GuestFunction) : undefined;
  return {
    run: run && (async () => (await run(), 0)),
    handle: undefined,
    exports: promisingExports(exports, executor),
    memories,
    dispose,
  };
}

/** Exports are wrapped when first asked for: most instances only run. */
function promisingExports(
  exports: WebAssembly.Exports,
  executor: LinkContext['executor'],
): Record<string, unknown> {
  const wrapped: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of Object.entries(exports)) {
    if (typeof value !== 'function') {
      wrapped[name] = value;
      continue;
    }
    Object.defineProperty(wrapped, name, {
      enumerable: true,
      configurable: true,
      get: () => {
        const call = executor.promising(value as GuestFunction);
        Object.defineProperty(wrapped, name, { enumerable: true, value: call });
        return call;
      },
    });
  }
  return wrapped;
}
