import { invokeFromHost } from '../../../shims/canonical-abi/invoke.ts';
import { Store } from '../../../shims/canonical-abi/store.ts';
import type { Result } from '../../../shims/canonical-abi/values.ts';
import { Context } from '../../../shims/preview3/context.ts';
import { type GuestCall, type Handler, makeHandler } from '../../../shims/preview3/http/handler.ts';
import { ProgramError } from '../../errors.ts';
import { INSTANCE_ENDED } from '../../virtual/host.ts';
import { type AdjustedCore, adjustCores } from '../adjust-core.ts';
import { CoreVariants, variantOf } from '../core-variants.ts';
import { MEMORY_MODULE } from '../core-memory.ts';
import { importObject } from '../import-object.ts';
import type { LinkContext, LinkedProgram, LinkTarget } from '../linked.ts';
import { MemoryPool } from '../memory-pool.ts';
import { missingImports } from '../missing-imports.ts';
import { noteStart } from '../start-function.ts';
import { decodeComponent } from './decode.ts';
import type { ComponentDefinition, DecodedProgram, ImportDefinition } from './definition.ts';
import type { Extern } from './extern.ts';
import { callableExports } from './call-exports.ts';
import { EmbedderLinker } from './embedder-imports.ts';
import { ComponentFrame } from './frame.ts';
import { checkWasiTypes, isOfPreview3, type WasiImport, wasiImport, wasiName } from './host-imports.ts';
import { evaluateComponent } from './instantiate.ts';
import { JsResources } from './js-resources.ts';
import { Linking } from './linking.ts';
import { unsupportedPart } from './scope.ts';

/**
 * Compiles a component of WASI 0.3.
 *
 * @param name how messages name it
 * @throws ProgramError for what cannot be read, is not supported, or V8 refuses
 */
export async function compileComponent3(bytes: Uint8Array, name: string): Promise<LinkTarget> {
  const program = decodeComponent(bytes);
  const { root, cores, coreInstances } = program;
  checkWasiTypes(root, name);
  const counts = cores.map((_core, index) => coreInstances.filter((each) => each === index).length);
  const adjusted = adjustCores(cores, counts);
  if (adjusted.some(({ memories }) => memories.some(({ shared, wide }) => shared || wide)))
    unsupportedPart('a memory that is shared between threads, or has 64-bit addresses');
  try {
    const modules = await Promise.all(
      adjusted.map(({ bytes: core }) => WebAssembly.compile(core as Uint8Array<ArrayBuffer>)),
    );
    adjusted.forEach(({ bytes: core }, index) => noteStart(modules[index] as WebAssembly.Module, core));
    return new ComponentProgram(program, adjusted, modules);
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
  readonly memoryCount: number;
  readonly #root: ComponentDefinition;
  readonly #wasi: ReadonlyMap<ImportDefinition, WasiImport>;
  /** Memories that each core instance is given, in the order in which they are made. */
  readonly #memories: readonly number[];
  readonly #variants: CoreVariants<readonly WebAssembly.Module[]>;
  readonly #pool: MemoryPool;

  constructor(
    { root, coreInstances }: DecodedProgram,
    cores: readonly AdjustedCore[],
    modules: readonly WebAssembly.Module[],
  ) {
    const memories = coreInstances.map((core) => cores[core]?.memories ?? []);
    this.imports = root.imports.map(({ name }) => name);
    this.exports = root.exports.map(({ name }) => name);
    this.#root = root;
    this.#wasi = new Map(
      root.imports.flatMap((each) => {
        const found = wasiImport(each);
        return found === undefined ? [] : [[each, found]];
      }),
    );
    this.#memories = memories.map(({ length }) => length);
    this.#variants = new CoreVariants(cores, modules, (metered) => metered);
    const types = memories.flat();
    this.memoryCount = types.length;
    this.#pool = new MemoryPool(types);
  }

  async link({ host, executor, imports }: LinkContext): Promise<LinkedProgram> {
    const limit = host.meter.limits.memory;
    const modules = await this.#variants.take(variantOf(executor, host.meter.limits));
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
      later: (callback) => void setImmediate(() => executor.turn(callback)),
      mustWait: () => executor.mustWait,
      compile: compileGlue,
    });
    executor.yields = store;
    const linking = new Linking({
      host,
      executor,
      store,
      context,
      modules,
      adjustImports: this.#giveMemories(memories),
    });
    const frame = new ComponentFrame(linking, undefined);
    const resources = new JsResources(frame.instance);
    try {
      const embedder = new EmbedderLinker(imports, resources, host.signal);
      evaluateComponent(this.#root, frame, this.#resolveImports(linking, embedder));
    } catch (error) {
      linking.end(error);
      throw error;
    }
    let exports: LinkedProgram['exports'] | undefined;
    return {
      run: commandOf(frame),
      handle: undefined,
      handler: handlerOf(frame),
      // Commands and handlers are run without.
      get exports() {
        return (exports ??= callableExports(frame.exports, store, resources));
      },
      failed,
      memories,
      dispose: () => linking.end(INSTANCE_ENDED),
      recycle: () => this.#pool.giveBack(memories, limit),
    };
  }

  #giveMemories(memories: readonly WebAssembly.Memory[]): Linking['adjustImports'] {
    const left = [...memories];
    let made = 0;
    return (given) => {
      const mine = left.splice(0, this.#memories[made++]);
      if (mine.length === 0) return;
      given[MEMORY_MODULE] = importObject(mine.map((memory, index) => [`memory${index}`, memory]));
    };
  }

  /** @throws LinkError that lists all that nobody provides */
  #resolveImports(linking: Linking, embedder: EmbedderLinker): (definition: ImportDefinition) => Extern {
    const found = new Map<string, Extern>();
    const { missing } = embedder;
    for (const definition of this.#root.imports) {
      const wasi = this.#wasi.get(definition);
      if (wasi !== undefined) missing.push(...wasi.missing);
      const extern = wasi === undefined ? embedder.link(definition) : wasi.link(linking);
      if (extern !== undefined) found.set(definition.name, extern);
    }
    if (missing.length > 0) throw missingImports(missing, "{ 'package:name/interface': { … } }");
    return ({ name }) => found.get(name) as Extern;
  }
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
      get isStarted() {
        return call.isStarted;
      },
      cancel: () => call.cancel(),
    };
  });
}
