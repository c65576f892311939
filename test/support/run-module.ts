import { plainExecutor } from '../../src/virtual/executor.ts';
import { ExitSignal, type Host } from '../../src/virtual/host.ts';
import { maySuspend, preview1 } from '../../shims/preview1/index.ts';

/** Runs a command of WASI 0.1 over `host` without an engine. @returns its exit code */
export async function runModule(bytes: Uint8Array, host: Host): Promise<number> {
  const wasi = preview1(host);
  const imports = Object.fromEntries(
    Object.entries(wasi.functions).map(([name, fn]) => [
      name,
      maySuspend(host).has(name) ? plainExecutor.suspending(fn) : fn,
    ]),
  ) as WebAssembly.ModuleImports;
  const module = await WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>);
  const { exports } = plainExecutor.instantiate(module, { wasi_snapshot_preview1: imports });
  wasi.bindMemory(exports['memory'] as WebAssembly.Memory);
  try {
    await plainExecutor.promising(exports['_start'] as () => void)();
    return 0;
  } catch (error) {
    if (error instanceof ExitSignal) return error.exitCode;
    throw error;
  } finally {
    wasi.dispose();
    host.filesystem.closeAll();
  }
}
