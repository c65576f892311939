import { cli, io } from '@bytecodealliance/preview2-shim';
import { WASIShim } from '@bytecodealliance/preview2-shim/instantiation';
import type { Workspace } from '../workspace.ts';
import { ByteCollector } from './byte-collector.ts';
import { TranspiledComponent } from './transpile.ts';

interface Command {
  readonly run: { run(): void };
}

/** The peer for 0.2: jco's default bindings over preview2-shim, over a directory in memory. */
export class JcoProgram {
  readonly #component: TranspiledComponent<Command>;
  readonly #directory: string;

  private constructor(component: TranspiledComponent<Command>, directory: string) {
    this.#component = component;
    this.#directory = directory;
  }

  static async compile(bytes: Uint8Array, workspace: Workspace): Promise<JcoProgram> {
    const component = await TranspiledComponent.make<Command>(bytes, workspace.makeDirectory());
    return new JcoProgram(component, workspace.makeDirectory());
  }

  instantiate(args: readonly string[] = [], stdout: object = cli.stdout): Promise<Command> {
    const shim = new WASIShim({
      cli: { ...cli, stdout },
      sandbox: {
        preopens: { '/data': this.#directory },
        env: { LANG: 'C.UTF-8' },
        args: ['program.wasm', ...args],
      },
    });
    return this.#component.instantiate(shim.getImportObject());
  }

  /** Runs a command to its end. @returns its standard output @throws when it fails */
  async run(args: readonly string[]): Promise<string> {
    const collector = new ByteCollector();
    const { run } = await this.instantiate(args, { getStdout: () => collectingStream(collector) });
    run.run();
    return collector.text;
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
