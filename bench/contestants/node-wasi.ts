import { closeSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WASI } from 'node:wasi';
import type { Workspace } from '../workspace.ts';

/** The peer for 0.1: Node's own WASI, over a directory in memory. */
export class NodeWasiProgram implements Disposable {
  readonly module: WebAssembly.Module;
  readonly #directory: string;
  readonly #output: string;
  readonly #stdout: number;

  private constructor(module: WebAssembly.Module, workspace: Workspace) {
    this.module = module;
    this.#directory = workspace.makeDirectory();
    this.#output = join(workspace.makeDirectory(), 'stdout');
    // Appending, so that a truncation takes the offset back to the start as well.
    this.#stdout = openSync(this.#output, 'a');
  }

  static async compile(bytes: Uint8Array, workspace: Workspace): Promise<NodeWasiProgram> {
    return new NodeWasiProgram(await WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>), workspace);
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
