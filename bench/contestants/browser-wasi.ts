import { ConsoleStdout, Directory, PreopenDirectory, WASI } from '@bjorn3/browser_wasi_shim';
import { ByteCollector } from './byte-collector.ts';

/** A peer for 0.1: `@bjorn3/browser_wasi_shim`, whose files are in memory. */
export class BrowserWasiProgram {
  readonly #module: WebAssembly.Module;

  private constructor(module: WebAssembly.Module) {
    this.#module = module;
  }

  static async compile(bytes: Uint8Array): Promise<BrowserWasiProgram> {
    return new BrowserWasiProgram(await WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>));
  }

  /** Runs a command to its end, on an empty directory. @returns its standard output @throws when it fails */
  run(args: readonly string[]): string {
    const stdout = new ByteCollector();
    const stderr = new ByteCollector();
    const output = (to: ByteCollector): ConsoleStdout =>
      new ConsoleStdout((bytes) => to.write(bytes.slice()));
    const files = new PreopenDirectory('/data', new Directory([]).contents);
    const wasi = new WASI(
      ['program.wasm', ...args],
      ['LANG=C.UTF-8'],
      [output(new ByteCollector()), output(stdout), output(stderr), files],
      // Otherwise it tells the console of every call.
      { debug: false },
    );
    const instance = new WebAssembly.Instance(this.#module, { wasi_snapshot_preview1: wasi.wasiImport });
    const exitCode = wasi.start(instance as Parameters<WASI['start']>[0]);
    if (exitCode !== 0) throw new Error(`browser_wasi_shim: exit code ${exitCode}: ${stderr.text}`);
    return stdout.text;
  }
}
