import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transpileBytes } from '@bytecodealliance/jco-transpile';
import { cli, io } from '@bytecodealliance/preview2-shim';
import { WASIShim } from '@bytecodealliance/preview2-shim/instantiation';

/** What jco makes for `--instantiation async`. */
interface Transpiled {
  instantiate(
    getCoreModule: (name: string) => Promise<WebAssembly.Module>,
    imports: object,
  ): Promise<{ readonly run: { run(): void } }>;
}

/** Runs a command of WASI 0.2 over preview2-shim, confined to `directory`. @returns its standard output */
export async function runPeer(component: Uint8Array, directory: string, args: string[]): Promise<string> {
  const { files } = await transpileBytes(component, { name: 'peer', instantiation: 'async' });
  const target = await mkdtemp(join(tmpdir(), 'bailiwick-peer-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      const file = join(target, name.replace(/\.js$/, '.mjs'));
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
    const transpiled = (await import(pathToFileURL(join(target, 'peer.mjs')).href)) as Transpiled;
    const chunks: Uint8Array[] = [];
    const shim = new WASIShim({
      cli: { ...cli, stdout: { getStdout: () => collecting(chunks) } },
      sandbox: { preopens: { '/': directory }, env: {}, args: ['peer', ...args] },
    });
    const { run } = await transpiled.instantiate(
      (name) => WebAssembly.compile(files[name] as Uint8Array<ArrayBuffer>),
      shim.getImportObject(),
    );
    run.run();
    return Buffer.concat(chunks).toString();
  } finally {
    await rm(target, { recursive: true });
  }
}

/** The glue asks for an instance of preview2-shim's own class. */
function collecting(chunks: Uint8Array[]): object {
  const write = (bytes: Uint8Array): void => void chunks.push(bytes.slice());
  return Object.assign(Object.create(io.streams.OutputStream.prototype) as object, {
    checkWrite: () => 4096n,
    write,
    blockingWriteAndFlush: write,
    blockingFlush: () => undefined,
  });
}
