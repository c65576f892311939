import { maySuspend, preview1 } from '../../shims/preview1/index.ts';
import { ProgramError } from '../errors.ts';
import type { GuestFunction, HostFunction } from '../virtual/executor.ts';
import { adjustCore } from './adjust-core.ts';
import { checkWasiImports } from './check-wasi-imports.ts';
import { MEMORY_MODULE, type MemoryType } from './core-memory.ts';
import { embedderFunction } from './embedder-function.ts';
import { importObject } from './import-object.ts';
import type { EmbedderImports, LinkContext, LinkedProgram, LinkTarget } from './linked.ts';
import { makeMemories } from './make-memories.ts';
import { missingImports } from './missing-imports.ts';
import { noteStart } from './start-function.ts';

const WASI_MODULE = 'wasi_snapshot_preview1';

/**
 * Compiles a core module of WASI 0.1. It links directly to shims/preview1, without an adapter.
 *
 * @throws ProgramError when V8 refuses the bytes or the module wants another WASI
 */
export async function compileModule(bytes: Uint8Array, name: string): Promise<LinkTarget> {
  const { bytes: adjusted, memories } = adjustCore(bytes);
  let module: WebAssembly.Module;
  try {
    module = await WebAssembly.compile(adjusted as Uint8Array<ArrayBuffer>);
  } catch (cause) {
    const reason =
      cause instanceof Error ? cause.message.replace(/^WebAssembly\.compile\(\): /, '') : String(cause);
    throw new ProgramError('BW_PROGRAM_INVALID', `${name} is not a valid WebAssembly module: ${reason}`, {
      cause,
    });
  }
  checkWasiImports(bytes, name);
  noteStart(module, adjusted);
  if (WebAssembly.Module.imports(module).some((each) => each.module === 'wasi_unstable')) {
    throw new ProgramError(
      'BW_PROGRAM_WASI_VERSION',
      `${name} is built for wasi_unstable, which is not supported yet.`,
      {
        hint: 'Build it for wasi_snapshot_preview1 (wasm32-wasip1).',
      },
    );
  }
  return new ModuleTarget(module, memories);
}

class ModuleTarget implements LinkTarget {
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  readonly #module: WebAssembly.Module;
  readonly #memories: readonly MemoryType[];
  /** Functions of WASI 0.1 that the module imports. */
  readonly #wasi: readonly string[];
  /** Everything else that it imports. */
  readonly #foreign: readonly WebAssembly.ModuleImportDescriptor[];

  constructor(module: WebAssembly.Module, memories: readonly MemoryType[]) {
    this.#module = module;
    this.#memories = memories;
    const all = WebAssembly.Module.imports(module);
    // Ours stand last. A guest that names our module itself asks for something that nobody provides.
    const imports = all.slice(0, all.length - memories.length);
    this.#wasi = imports.filter((each) => each.module === WASI_MODULE).map((each) => each.name);
    this.#foreign = imports.filter((each) => each.module !== WASI_MODULE);
    this.imports = imports.map((each) => `${each.module}.${each.name}`);
    this.exports = WebAssembly.Module.exports(module).map((each) => each.name);
  }

  async link({ host, executor, imports }: LinkContext): Promise<LinkedProgram> {
    const memories = makeMemories(this.#memories, host.meter.limits.memory);
    const wasi = preview1(host);
    const linked: WebAssembly.Imports = this.#linkForeign(imports, host.signal);
    const missing = this.#missing(wasi.functions, linked);
    if (missing.length > 0) throw missingImports(missing, "{ 'module': { name: … } }");
    linked[WASI_MODULE] = this.#linkWasi(wasi.functions, maySuspend(host), executor);
    if (memories.length > 0)
      linked[MEMORY_MODULE] = importObject(memories.map((memory, i) => [`memory${i}`, memory]));
    // Before anything runs: a start function may call the host.
    if (memories[0] !== undefined) wasi.bindMemory(memories[0]);
    const { exports } = executor.instantiate(this.#module, linked);
    if (exports['memory'] instanceof WebAssembly.Memory) wasi.bindMemory(exports['memory']);
    return linkExports(exports, executor, memories, () => wasi.dispose());
  }

  #linkWasi(
    functions: Readonly<Record<string, HostFunction>>,
    suspending: ReadonlySet<string>,
    executor: LinkContext['executor'],
  ): WebAssembly.ModuleImports {
    const linked = importObject<WebAssembly.ImportValue>();
    for (const name of this.#wasi) {
      const fn = functions[name] as HostFunction;
      linked[name] = suspending.has(name) ? executor.suspending(fn) : fn;
    }
    return linked;
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

  #missing(wasi: object, linked: WebAssembly.Imports): string[] {
    const unknown = this.#wasi
      .filter((name) => !Object.hasOwn(wasi, name))
      .map((name) => `${WASI_MODULE}.${name}`);
    const absent = this.#foreign.filter(({ module, name }) => linked[module]?.[name] === undefined);
    return [...unknown, ...absent.map(({ module, name }) => `${module}.${name}`)];
  }
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
