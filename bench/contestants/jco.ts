import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { transpileBytes } from '@bytecodealliance/jco-transpile';
import { cli, io } from '@bytecodealliance/preview2-shim';
import { WASIShim } from '@bytecodealliance/preview2-shim/instantiation';
import type { Workspace } from '../workspace.ts';
import { ByteCollector } from './byte-collector.ts';

/** What jco makes for `--instantiation async`. */
interface Transpiled {
  instantiate(
    getCoreModule: (name: string) => WebAssembly.Module,
    imports: object,
  ): Promise<{ readonly run: { run(): void } }>;
}

/** The peer for 0.2: jco's default bindings over preview2-shim, over a directory in memory. */
export class JcoProgram {
  readonly #transpiled: Transpiled;
  readonly #modules: ReadonlyMap<string, WebAssembly.Module>;
  readonly #directory: string;

  private constructor(
    transpiled: Transpiled,
    modules: ReadonlyMap<string, WebAssembly.Module>,
    directory: string,
  ) {
    this.#transpiled = transpiled;
    this.#modules = modules;
    this.#directory = directory;
  }

  static async compile(bytes: Uint8Array, workspace: Workspace): Promise<JcoProgram> {
    const { files } = await transpileBytes(bytes, {
      name: 'calls',
      instantiation: 'async',
      emitTypescriptDeclarations: false,
    });
    const target = workspace.makeDirectory();
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
    const transpiled = (await import(join(target, 'calls.mjs'))) as Transpiled;
    return new JcoProgram(transpiled, modules, workspace.makeDirectory());
  }

  instantiate(
    args: readonly string[] = [],
    stdout: object = cli.stdout,
  ): ReturnType<Transpiled['instantiate']> {
    const shim = new WASIShim({
      cli: { ...cli, stdout },
      sandbox: {
        preopens: { '/data': this.#directory },
        env: { LANG: 'C.UTF-8' },
        args: ['program.wasm', ...args],
      },
    });
    return this.#transpiled.instantiate((name) => this.#module(name), shim.getImportObject());
  }

  /** Runs a command to its end. @returns its standard output @throws when it fails */
  async run(args: readonly string[]): Promise<string> {
    const collector = new ByteCollector();
    const { run } = await this.instantiate(args, { getStdout: () => collectingStream(collector) });
    run.run();
    return collector.text;
  }

  #module(name: string): WebAssembly.Module {
    const module = this.#modules.get(name);
    if (module === undefined) throw new Error(`jco made no ${name}`);
    return module;
  }
}

/** The glue asks for an instance of preview2-shim's own class. */
function collectingStream(collector: ByteCollector): object {
  const write = (bytes: Uint8Array): void => collector.write(bytes.slice());
  return Object.assign(Object.create(io.streams.OutputStream.prototype) as object, {
    checkWrite: () => 4096n,
    write,
    blockingWriteAndFlush: write,
    blockingFlush: () => undefined,
  });
}
