import { ProgramError } from '../errors.ts';
import type { Machine } from '../virtual/machine.ts';
import type { CacheParts, CompileCache } from './cache.ts';
import { readComponentHeader } from './component-header.ts';
import { type AdjustedCore, adjustCores } from './adjust-core.ts';
import { CoreVariants, variantOf } from './core-variants.ts';
import { MEMORY_MODULE } from './core-memory.ts';
import { GENERATOR_VERSION } from './generator.ts';
import { importObject } from './import-object.ts';
import { isAsync } from './component/is-async.ts';
import { compileComponent3 } from './component/program.ts';
import { ComponentLinker, type ComponentParts, type Observation } from './link/component-linker.ts';
import type { LinkContext, LinkedProgram, LinkTarget } from './linked.ts';
import { MemoryPool } from './memory-pool.ts';
import { noteStart } from './start-function.ts';
import { translate, TRANSLATION_VERSION, type Translation } from './translate.ts';
import { isPreview3, unsupported, versionsOf } from './wasi-versions.ts';

/** Part of the cache key: what this file stores, and the shape of link plans. Whoever changes either raises it. */
const ENTRY_VERSION = 3;

export interface ComponentSource {
  readonly bytes: Uint8Array;
  readonly name: string;
  /** SHA-256 of the bytes. */
  readonly digest: string;
}

/**
 * Compiles a component. One of WASI 0.2: jco's generator takes it apart into core modules, once; the compile cache keeps
 * what it made, with the link plan. What can wait, as WASI 0.3 has it, is linked by ourselves (component/program.ts): there is
 * nothing to keep, because reading it is faster than reading a cache.
 *
 * @throws ProgramError for a component of another WASI, or one that the generator or V8 refuses
 */
export async function compileComponent(
  source: ComponentSource,
  cache: CompileCache | undefined,
  machine: Machine,
): Promise<LinkTarget> {
  const header = readComponentHeader(source.bytes);
  const versions = versionsOf(header.imports, header.exports);
  const reason = unsupported(versions);
  if (reason !== undefined)
    throw new ProgramError('BW_PROGRAM_WASI_VERSION', `${source.name} cannot run: ${reason}.`);
  if (versions.some(isPreview3)) return compileComponent3(source.bytes, source.name);
  const key = machine.sha256(
    [source.digest, GENERATOR_VERSION, TRANSLATION_VERSION, ENTRY_VERSION].join('\n'),
  );
  const cached = await cache?.read(key);
  if (cached !== undefined) {
    const { translation, observation } = decodeEntry(cached);
    return (await compileCores(source.name, translation, observation)).target(header);
  }
  if (isAsync(source.bytes)) return compileComponent3(source.bytes, source.name);
  const translation = await translate(source.bytes);
  const compiled = await compileCores(source.name, translation, undefined);
  await cache?.write(key, encodeEntry(translation, compiled.linker.observation));
  return compiled.target(header);
}

/** A translated component whose core modules V8 has taken. */
interface CompiledCores {
  readonly linker: ComponentLinker;
  target(header: { readonly imports: readonly string[]; readonly exports: readonly string[] }): LinkTarget;
}

async function compileCores(
  name: string,
  translation: Translation,
  observation: Observation | undefined,
): Promise<CompiledCores> {
  const adjusted = adjustCores(translation.cores.map(({ bytes }) => bytes));
  let modules: WebAssembly.Module[];
  try {
    modules = await Promise.all(
      adjusted.map(({ bytes }) => WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>)),
    );
  } catch (cause) {
    throw new ProgramError(
      'BW_PROGRAM_INVALID',
      `${name} holds a core module that V8 refuses: ${String(cause)}`,
      { cause },
    );
  }
  adjusted.forEach(({ bytes }, index) => noteStart(modules[index] as WebAssembly.Module, bytes));
  const partsOf = (compiled: readonly WebAssembly.Module[]): ComponentParts => ({
    glue: translation.glue,
    modules: new Map(
      translation.cores.map(({ name }, index) => [name, compiled[index] as WebAssembly.Module]),
    ),
    imports: translation.imports,
    exports: translation.exports.map(([exported]) => exported),
  });
  const linker = await ComponentLinker.create(partsOf(modules), observation);
  const variants = new CoreVariants(adjusted, linker, (metered) => linker.with(partsOf(metered)));
  return {
    linker,
    target: ({ imports, exports }) => new ComponentTarget(variants, adjusted, imports, exports),
  };
}

class ComponentTarget implements LinkTarget {
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  readonly memoryCount: number;
  readonly #variants: CoreVariants<ComponentLinker>;
  readonly #cores: readonly AdjustedCore[];
  readonly #pool: MemoryPool;

  constructor(
    variants: CoreVariants<ComponentLinker>,
    cores: readonly AdjustedCore[],
    imports: readonly string[],
    exports: readonly string[],
  ) {
    this.#variants = variants;
    this.#cores = cores;
    const memories = cores.flatMap((core) => core.memories);
    this.memoryCount = memories.length;
    this.#pool = new MemoryPool(memories);
    this.imports = imports;
    this.exports = exports;
  }

  async link({ host, executor, imports }: LinkContext): Promise<LinkedProgram> {
    const limit = host.meter.limits.memory;
    const linker = await this.#variants.take(variantOf(executor, host.meter.limits));
    const memories = this.#pool.take(limit);
    const left = [...memories];
    const own = this.#cores.map((core) => left.splice(0, core.memories.length));
    const taken = new Set<number>();
    const linked = linker.link({
      host,
      executor,
      imports,
      adjustImports: (core, given) => {
        // Memories and tables are counted for one instance. No tool makes components that do otherwise.
        if (taken.has(core) && this.#cores[core]?.holdsMemory === true) throw memoryTwice();
        taken.add(core);
        const mine = own[core] ?? [];
        if (mine.length === 0) return;
        given[MEMORY_MODULE] = importObject(mine.map((memory, index) => [`memory${index}`, memory]));
      },
    });
    return {
      ...linked,
      memories,
      recycle: () => {
        // Through the glue, an embedder can hold on to resources of the guest, whose destructors are the guest's code.
        if (linker.hasPlan) this.#pool.giveBack(memories, limit);
      },
    };
  }
}

function memoryTwice(): ProgramError {
  return new ProgramError(
    'BW_PROGRAM_UNSUPPORTED',
    'The component instantiates a core module that has a memory or a table more than once, which is not supported yet.',
  );
}

const META = 'meta.json';
const GLUE = 'glue.js';

function encodeEntry(translation: Translation, observation: Observation): CacheParts {
  const { cores, glue, imports, exports } = translation;
  const meta = { imports, exports, observation, cores: cores.map(({ name }) => name) };
  return new Map([
    [META, new TextEncoder().encode(JSON.stringify(meta))],
    [GLUE, new TextEncoder().encode(glue)],
    ...cores.map(({ name, bytes }) => [name, bytes] as const),
  ]);
}

/** The cache gives only what {@link encodeEntry} made under the same versions. */
function decodeEntry(parts: CacheParts): { translation: Translation; observation: Observation } {
  const part = (name: string): Uint8Array => parts.get(name) as Uint8Array;
  const { observation, cores, ...names } = JSON.parse(new TextDecoder().decode(part(META))) as Pick<
    Translation,
    'imports' | 'exports'
  > & {
    observation: Observation;
    cores: string[];
  };
  const glue = new TextDecoder().decode(part(GLUE));
  return {
    observation,
    translation: { ...names, glue, cores: cores.map((name) => ({ name, bytes: part(name) })) },
  };
}
