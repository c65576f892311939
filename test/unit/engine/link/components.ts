import { join } from 'node:path';
import { componentEmbed, componentNew, parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { _addPreopen } from '@bytecodealliance/preview2-shim/filesystem';
import {
  ComponentLinker,
  type LinkedComponent,
  type LinkOptions,
} from '../../../../src/engine/link/component-linker.ts';
import { importMemories, MEMORY_MODULE } from '../../../../src/engine/core-memory.ts';
import { makeMemories } from '../../../../src/engine/make-memories.ts';
import { translate, type Translation } from '../../../../src/engine/translate.ts';
import { plainExecutor } from '../../../../src/virtual/executor.ts';
import { ExitSignal } from '../../../../src/virtual/host.ts';
import { type TestHostOptions, testHost } from '../../../support/host.ts';

const WIT = join(import.meta.dirname, '../../../../wit');

/** @param text a core module whose imports and exports are named as `wit/world.wit`'s command has them */
export async function command(text: string): Promise<Uint8Array> {
  // The tools are a WASI program, and their host starts without directories.
  // The published types are those for browsers, where a preopen is no path.
  _addPreopen('/', '/' as unknown as Parameters<typeof _addPreopen>[1]);
  const binary = await componentEmbed({
    binary: await parse(text),
    witPath: WIT,
    world: 'command',
    dummy: false,
  });
  return componentNew(binary, []);
}

export async function linkerOf(component: Uint8Array): Promise<ComponentLinker> {
  return linker(await translate(component));
}

/** A linker whose core modules import their memories, and what gives them one, as the engine has it. */
export interface MemoryLinker {
  readonly linker: ComponentLinker;
  readonly modules: readonly WebAssembly.Module[];
  link(options: LinkOptions): LinkedComponent;
}

export async function memoryLinkerOf(component: Uint8Array): Promise<MemoryLinker> {
  const translation = await translate(component);
  const adjusted = translation.cores.map(({ name, bytes }) => ({ name, ...importMemories(bytes) }));
  const made = await linker({ ...translation, cores: adjusted });
  return {
    linker: made,
    modules: adjusted.map(({ bytes }) => new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>)),
    link: (options) =>
      made.link({
        ...options,
        adjustImports: (core, imports) => {
          const memories = makeMemories(adjusted[core]?.memories ?? [], 1 << 28);
          if (memories.length > 0) imports[MEMORY_MODULE] = { memory0: memories[0] as WebAssembly.Memory };
        },
      }),
  };
}

async function linker({ glue, cores, imports, exports }: Translation): Promise<ComponentLinker> {
  const modules = cores.map(async ({ name, bytes }) => {
    return [name, await WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>)] as const;
  });
  const names = exports.map(([name]) => name);
  return ComponentLinker.create({
    glue,
    modules: new Map(await Promise.all(modules)),
    imports,
    exports: names,
  });
}

/** How a run ended: the result of `run`, an exit code, or the name and message of what trapped. */
export interface Ending {
  readonly end: string;
  readonly stdout: string;
  readonly stderr: string;
  /** Handles that the guest left open, and those that are open after it was disposed of. */
  readonly handles: readonly [left: number, disposed: number];
}

export async function runWith(
  linker: { link(options: LinkOptions): LinkedComponent },
  options: TestHostOptions = {},
): Promise<Ending> {
  const { host, stdout, stderr } = testHost(options);
  const linked = linker.link({ host, executor: plainExecutor });
  const end = await endOf(linked.run);
  const left = host.meter.handles;
  linked.dispose();
  return { end, stdout: stdout(), stderr: stderr(), handles: [left, host.meter.handles] };
}

async function endOf(run: (() => Promise<number>) | undefined): Promise<string> {
  try {
    return `result ${await run?.()}`;
  } catch (thrown) {
    if (thrown instanceof ExitSignal) return `exit ${thrown.exitCode}`;
    if (thrown instanceof WebAssembly.RuntimeError) return 'trap';
    return thrown instanceof Error ? thrown.name : String(thrown);
  }
}
