import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { transpileBytes } from '@bytecodealliance/jco-transpile';

/** What jco makes for `--instantiation async`. */
export interface Transpiled<Exports> {
  instantiate(getCoreModule: (name: string) => WebAssembly.Module, imports: object): Promise<Exports>;
}

/** A component as jco's glue and core modules, in a directory. */
export class TranspiledComponent<Exports> {
  readonly #transpiled: Transpiled<Exports>;
  readonly #modules: ReadonlyMap<string, WebAssembly.Module>;

  private constructor(transpiled: Transpiled<Exports>, modules: ReadonlyMap<string, WebAssembly.Module>) {
    this.#transpiled = transpiled;
    this.#modules = modules;
  }

  /** @param target an empty directory */
  static async make<Exports>(
    bytes: Uint8Array,
    target: string,
    options: Parameters<typeof transpileBytes>[1] = {},
  ): Promise<TranspiledComponent<Exports>> {
    const { files } = await transpileBytes(bytes, {
      name: 'guest',
      instantiation: 'async',
      emitTypescriptDeclarations: false,
      ...options,
    });
    const modules = new Map<string, WebAssembly.Module>();
    for (const [name, content] of Object.entries(files)) {
      // Named so that Node takes it for what it is, wherever it lies.
      const file = join(target, name.replace(/\.js$/, '.mjs'));
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
      if (name.endsWith('.wasm')) {
        modules.set(name, await WebAssembly.compile(content as Uint8Array<ArrayBuffer>));
      }
    }
    const transpiled = (await import(join(target, 'guest.mjs'))) as Transpiled<Exports>;
    return new TranspiledComponent(transpiled, modules);
  }

  instantiate(imports: object): Promise<Exports> {
    return this.#transpiled.instantiate((name) => this.#module(name), imports);
  }

  #module(name: string): WebAssembly.Module {
    const module = this.#modules.get(name);
    if (module === undefined) throw new Error(`jco made no ${name}`);
    return module;
  }
}
