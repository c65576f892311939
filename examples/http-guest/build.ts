// Makes a component of hello.wat, with npm packages alone. `node examples/http-guest/build.ts` writes hello.wasm beside it.
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { componentEmbed, componentNew, parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { _addPreopen } from '@bytecodealliance/preview2-shim/filesystem';

/** The packages of WASI 0.2 as jco ships them. */
const WIT = join(import.meta.dirname, '../../node_modules/@bytecodealliance/jco/lib/wit/builtin/0.2.12');

/** @returns a component that answers every request with one line */
export async function buildHello(): Promise<Uint8Array> {
  const source = await readFile(join(import.meta.dirname, 'hello.wat'), 'utf8');
  const witPath = await mkdtemp(join(tmpdir(), 'bailiwick-hello-'));
  try {
    await cp(WIT, join(witPath, 'deps'), { recursive: true });
    await cp(join(import.meta.dirname, 'hello.wit'), join(witPath, 'hello.wit'));
    // jco's tools are a WASI program, and their host starts without directories.
    _addPreopen('/', '/' as unknown as Parameters<typeof _addPreopen>[1]);
    const binary = await parse(source);
    return await componentNew(await componentEmbed({ binary, witPath, dummy: false }), []);
  } finally {
    await rm(witPath, { recursive: true });
  }
}

if (import.meta.main) await writeFile(join(import.meta.dirname, 'hello.wasm'), await buildHello());
