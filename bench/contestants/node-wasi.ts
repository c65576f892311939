import { closeSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WASI } from 'node:wasi';

/** The peer for 0.1: Node's own WASI, over a directory. */
export class NodeWasiProgram implements Disposable {
  readonly module: WebAssembly.Module;
  readonly #directory: string;
  readonly #output: string;
  readonly #stdout: number;

  private constructor(module: WebAssembly.Module, directory: string, scratch: string) {
    this.module = module;
    this.#directory = directory;
    this.#output = join(scratch, 'stdout');
    // Appending, so that a truncation takes the offset back to the start as well.
    this.#stdout = openSync(this.#output, 'a');
  }

  /** @param directory what the guest has as /data; @param scratch where its output goes */
  static async compile(bytes: Uint8Array, directory: string, scratch: string): Promise<NodeWasiProgram> {
    return new NodeWasiProgram(
      await WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>),
      directory,
      scratch,
    );
  }

  instantiate(args: readonly string[] = []): { wasi: WASI; instance: WebAssembly.Instance } {
    const wasi = new WASI({
      version: 'preview1',
      args: ['program.wasm', ...args],
      env: { LANG: 'C.UTF-8' },
      preopens: { '/data': this.#directory },
      stdout: this.#stdout,
      returnOnExit: true,
    });
    const instance = new WebAssembly.Instance(this.module, wasi.getImportObject() as WebAssembly.Imports);
    return { wasi, instance };
  }

  /** Runs a command to its end. @returns its standard output @throws when it fails */
  run(args: readonly string[]): string {
    ftruncateSync(this.#stdout);
    const { wasi, instance } = this.instantiate(args);
    const exitCode = wasi.start(instance);
    if (exitCode !== 0) throw new Error(`node:wasi: exit code ${exitCode}`);
    return readFileSync(this.#output, 'utf8');
  }

  [Symbol.dispose](): void {
    closeSync(this.#stdout);
  }
}
