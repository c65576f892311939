import { invokeFromHost } from '../../../shims/canonical-abi/invoke.ts';
import { Store } from '../../../shims/canonical-abi/store.ts';
import type { Result } from '../../../shims/canonical-abi/values.ts';
import { Context } from '../../../shims/preview3/context.ts';
import { type GuestCall, type Handler, makeHandler } from '../../../shims/preview3/http/handler.ts';
import { ProgramError } from '../../errors.ts';
import { INSTANCE_ENDED } from '../../virtual/host.ts';
import { type AdjustedCore, adjustCores } from '../adjust-core.ts';
import { MEMORY_MODULE } from '../core-memory.ts';
import { importObject } from '../import-object.ts';
import type { LinkContext, LinkedProgram, LinkTarget } from '../linked.ts';
import { MemoryPool } from '../memory-pool.ts';
import { missingImports } from '../missing-imports.ts';
import { noteStart } from '../start-function.ts';
import { decodeComponent } from './decode.ts';
import type { ComponentDefinition, ImportDefinition } from './definition.ts';
import type { Extern } from './extern.ts';
import type { ComponentFrame } from './frame.ts';
import { checkWasiTypes, isOfPreview3, wasiImport, wasiName } from './host-imports.ts';
import { instantiateComponent } from './instantiate.ts';
import { Linking } from './linking.ts';

/**
 * Compiles a component of WASI 0.3.
 *
 * @param name how messages name it
 * @throws ProgramError for what cannot be read, is not supported, or V8 refuses
 */
export async function compileComponent3(bytes: Uint8Array, name: string): Promise<LinkTarget> {
  const { root, cores } = decodeComponent(bytes);
  checkWasiTypes(root, name);
  const adjusted = adjustCores(cores);
  try {
    const modules = await Promise.all(
      adjusted.map(({ bytes: core }) => WebAssembly.compile(core as Uint8Array<ArrayBuffer>)),
    );
    adjusted.forEach(({ bytes: core }, index) => noteStart(modules[index] as WebAssembly.Module, core));
    return new ComponentProgram(root, adjusted, modules);
  } catch (cause) {
    throw new ProgramError(
      'BW_PROGRAM_INVALID',
      `${name} holds a core module that V8 refuses: ${String(cause)}`,
      { cause },
    );
  }
}

/** The few instructions between a guest's code and the host's: noted, for executors that time start functions. */
function compileGlue(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  const module = new WebAssembly.Module(bytes);
  noteStart(module, bytes);
  return module;
}

class ComponentProgram implements LinkTarget {
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  readonly #root: ComponentDefinition;
  readonly #cores: readonly AdjustedCore[];
  readonly #modules: readonly WebAssembly.Module[];
  readonly #pool: MemoryPool;

  constructor(
    root: ComponentDefinition,
    cores: readonly AdjustedCore[],
    modules: readonly WebAssembly.Module[],
  ) {
    this.imports = root.imports.map(({ name }) => name);
    this.exports = root.exports.map(({ name }) => name);
    this.#root = root;
    this.#cores = cores;
    this.#modules = modules;
    this.#pool = new MemoryPool(cores.flatMap((core) => core.memories));
  }

  async link({ host, executor }: LinkContext): Promise<LinkedProgram> {
    const limit = host.meter.limits.memory;
    const memories = this.#pool.take(limit);
    const context = new Context(host);
    const { promise: failed, resolve: fail } = Promise.withResolvers<unknown>();
    const store = new Store({
      executor,
      handles: {
        open: (what) => context.takeHandle(undefined, what),
        close: () => host.meter.closeHandle(),
      },
      onFailure: fail,
      later: (callback) => void setImmediate(callback),
      compile: compileGlue,
    });
    const linking = new Linking({
      host,
      executor,
      store,
      context,
      modules: this.#modules,
      adjustImports: this.#giveMemories(memories),
    });
    const frame = instantiateComponent(this.#root, this.#resolveImports(linking), linking);
    return {
      run: commandOf(frame),
      handle: undefined,
      handler: handlerOf(frame),
      exports: {},
      failed,
      memories,
      dispose: () => linking.end(INSTANCE_ENDED),
      recycle: () => this.#pool.giveBack(memories, limit),
    };
  }

  #giveMemories(memories: readonly WebAssembly.Memory[]): Linking['adjustImports'] {
    const left = [...memories];
    const own = this.#cores.map((core) => left.splice(0, core.memories.length));
    const taken = new Set<number>();
    return (core, given) => {
      // Memories and tables are counted for one instance. No tool makes components that do otherwise.
      if (taken.has(core) && this.#cores[core]?.holdsMemory === true) throw memoryTwice();
      taken.add(core);
      const mine = own[core] ?? [];
      if (mine.length === 0) return;
      given[MEMORY_MODULE] = importObject(mine.map((memory, index) => [`memory${index}`, memory]));
    };
  }

  /** @throws LinkError that lists all that nobody provides */
  #resolveImports(linking: Linking): (definition: ImportDefinition) => Extern {
    const found = new Map<string, Extern>();
    const missing: string[] = [];
    for (const definition of this.#root.imports) {
      const extern = wasiImport(definition, linking);
      if (extern === undefined) missing.push(definition.name);
      else found.set(definition.name, extern);
    }
    if (missing.length > 0) throw missingImports(missing, "{ 'package:name/interface': { … } }");
    return ({ name }) => found.get(name) as Extern;
  }
}

function memoryTwice(): ProgramError {
  return new ProgramError(
    'BW_PROGRAM_UNSUPPORTED',
    'The component instantiates a core module that has a memory or a table more than once, which is not supported yet.',
  );
}

/** A function of an interface of WASI 0.3 that the component exports. */
function exported(
  { exports }: ComponentFrame,
  interfaceName: string,
  name: string,
): (Extern & { sort: 'func' }) | undefined {
  for (const [key, extern] of exports) {
    const wasi = wasiName(key);
    if (wasi?.name !== interfaceName || !isOfPreview3(wasi) || extern.sort !== 'instance') continue;
    const found = extern.exports.get(name);
    if (found?.sort === 'func') return found;
  }
  return undefined;
}

function commandOf(frame: ComponentFrame): LinkedProgram['run'] {
  const run = exported(frame, 'wasi:cli/run', 'run');
  if (run === undefined) return undefined;
  const { store } = frame.linking;
  return async () => {
    const result = (await invokeFromHost(store, run.call, []).promise) as Result;
    return result.tag === 'ok' ? 0 : 1;
  };
}

function handlerOf(frame: ComponentFrame): Handler | undefined {
  const handle = exported(frame, 'wasi:http/handler', 'handle');
  if (handle === undefined) return undefined;
  const { store, context } = frame.linking;
  return makeHandler(context, (request) => {
    const call = invokeFromHost(store, handle.call, [request]);
    return {
      result: call.promise as GuestCall['result'],
      done: call.done,
      cancel: () => call.cancel(),
    };
  });
}
