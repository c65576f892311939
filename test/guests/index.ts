/**
 * Guest programs, built from source on first use by npm packages alone:
 *
 * - {@link guest}: C from test/guests/c (or any .c file), as a 0.1 module and as a 0.2 component
 * - {@link unstableGuest}: the same C as a module of wasi_unstable
 * - {@link worldGuest}: C that imports functions of WASI 0.2 by itself, as a component
 * - {@link httpGuest}: C from test/guests/http, straight on the Canonical ABI, as a component of 0.2 or 0.3
 * - {@link jsGuest}: JavaScript from test/guests/js, as a 0.2 component
 * - {@link watGuest}: WebAssembly text, core module or component
 * - {@link watComponent}: WebAssembly text of a core module, as a component of a world
 */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { adaptCommand } from './adapt.ts';
import { buildKey, buildOnce } from './build-cache.ts';
import { JCO, packageVersion } from './packages.ts';

export interface Guest {
  /** Command of WASI 0.1. */
  readonly module: Uint8Array;
  /** The same program as a command of WASI 0.2, through the adapter that jco ships. */
  readonly component: Uint8Array;
}

const WIT_0_2 = join(JCO, 'wit/builtin/0.2.12');
const WIT_0_3 = join(JCO, 'wit/builtin/0.3.0');
export const C_FLAGS: readonly string[] = ['-O2', '-Wall', '-Werror', '-Wl,--strip-all'];

/** @param source a name in test/guests/c, or the path of a .c file; headers beside it can be included */
export async function guest(source: string): Promise<Guest> {
  const file = source.endsWith('.c') ? source : join(import.meta.dirname, 'c', `${source}.c`);
  const name = basename(file, '.c');
  const module = await cModule(name, await cFiles(file), C_FLAGS);
  return { module, component: await adaptCommand(name, module) };
}

/**
 * A C guest whose libc is put on wasi_unstable by test/guests/unstable/unstable.h.
 *
 * @param name in test/guests/c, or in test/guests/unstable
 * @param both it goes on importing wasi_snapshot_preview1, too
 */
export async function unstableGuest(name: string, both = false): Promise<Uint8Array> {
  const folder = join(import.meta.dirname, 'unstable');
  const common = await cFiles(join(import.meta.dirname, 'c', 'result.h'));
  const own = await cFiles(join(folder, 'unstable.h'));
  const source = join(name === 'unstable' ? folder : join(import.meta.dirname, 'c'), `${name}.c`);
  const files = { ...common, ...own, [`${name}.c`]: await readFile(source, 'utf8') };
  const flags = [...C_FLAGS, '-include', 'unstable.h', ...(both ? ['-DUNSTABLE_BESIDE_LIBC'] : [])];
  return cModule(`${name}.unstable`, files, flags, `${name}.c`);
}

/**
 * A C guest beside whose source a world says what it imports from WASI 0.2 (with `import_module`), its libc apart.
 *
 * @param name of NAME.c and NAME.wit in test/guests/c
 * @param version in the place of 0.2.12, which the world names; the source has its last part as `WASI_PATCH`
 */
export async function worldGuest(name: string, version = '0.2.12'): Promise<Uint8Array> {
  const file = join(import.meta.dirname, 'c', name);
  const world = (await readFile(`${file}.wit`, 'utf8')).replaceAll('@0.2.12', `@${version}`);
  const flags = [...C_FLAGS, `-DWASI_PATCH=${version.split('.').at(-1)}`];
  const module = await cModule(name, await cFiles(`${file}.c`), flags);
  const { componentEmbed } = await import('@bytecodealliance/jco-transpile/wasm-tools');
  const key = buildKey([await packageVersion('@bytecodealliance/jco-transpile'), world, module]);
  const embedded = await buildOnce(`${name}.embedded`, key, async () => {
    await preopenRoot();
    return withWit(world, (witPath) => componentEmbed({ binary: module, witPath, dummy: false }), [version]);
  });
  return adaptCommand(name, embedded);
}

/** @param files text, or objects that were compiled before */
export async function cModule(
  name: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  flags: readonly string[],
  source = `${name}.c`,
): Promise<Uint8Array> {
  const version = await packageVersion('@yowasp/clang');
  const key = buildKey([version, ...flags, ...Object.entries(files).flat()]);
  return buildOnce(name, key, () => compileC(source, files, flags));
}

/** @returns the source file and the headers of its folder that it includes, by name: a guest is built anew only for its own */
export async function cFiles(file: string): Promise<Record<string, string>> {
  const folder = dirname(file);
  const there = new Set(await readdir(folder));
  const files = new Map<string, string>();
  const names = [basename(file)];
  for (const name of names) {
    if (files.has(name)) continue;
    const text = await readFile(join(folder, name), 'utf8');
    files.set(name, text);
    const included = [...text.matchAll(/^#include "([^"]+)"/gm)].map(([, header]) => header ?? '');
    names.push(...included.filter((header) => there.has(header)));
  }
  return Object.fromEntries(files);
}

async function compileC(
  source: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  flags: readonly string[],
): Promise<Uint8Array> {
  const { commands, Exit, runLLVM } = await import('@yowasp/clang');
  // Loads the compiler without telling standard output about it.
  await runLLVM(undefined, {}, { fetchProgress: () => undefined });
  const messages: Uint8Array[] = [];
  const stderr = (bytes: Uint8Array | null): void => void messages.push(bytes?.slice() ?? new Uint8Array());
  try {
    const built = await commands.clang([...flags, source, '-o', 'out.wasm'], files, { stderr });
    return built?.['out.wasm'] as Uint8Array;
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    throw new Error(`clang could not build ${source}:\n${Buffer.concat(messages).toString()}`, {
      cause: error,
    });
  }
}

/** No libc: what these guests import is what their world has. */
export const BARE_FLAGS: readonly string[] = [
  '-O2',
  '-Wall',
  '-Werror',
  '-nostdlib',
  '-ffreestanding',
  '-mbulk-memory',
  '-Wl,--no-entry',
  '-Wl,--strip-all',
];

/** @param name of NAME.c in test/guests/http; the world in NAME.wit may name any package of WASI 0.2.12 and 0.3.0 */
export async function httpGuest(name: string): Promise<Uint8Array> {
  const folder = join(import.meta.dirname, 'http');
  const world = await readFile(join(folder, `${name}.wit`), 'utf8');
  const module = await cModule(
    `http-${name}`,
    await cFiles(join(folder, `${name}.c`)),
    BARE_FLAGS,
    `${name}.c`,
  );
  const key = buildKey([await packageVersion('@bytecodealliance/jco-transpile'), world, module]);
  return buildOnce(`http-${name}.component`, key, () => embed(module, world));
}

/**
 * @param name of NAME.js, an ES module that exports what the world in NAME.wit does; both may name any package of
 *   WASI 0.2.12, and get those of 0.2.10: the JavaScript engine has imports of its own, and no name may come twice
 */
export async function jsGuest(name: string): Promise<Uint8Array> {
  const folder = join(import.meta.dirname, 'js');
  const [jsSource, world] = await Promise.all(
    [`${name}.js`, `${name}.wit`].map((each) => readFile(join(folder, each), 'utf8')),
  );
  const key = buildKey([await packageVersion('componentize-qjs'), JS_VERSION, jsSource ?? '', world ?? '']);
  return buildOnce(`${name}.js`, key, () => componentizeJs(disguise(jsSource ?? ''), disguise(world ?? '')));
}

const JS_VERSION = '0.2.10';

/**
 * While it builds, componentize-qjs 0.4.5 runs the program on WASI's real interfaces as far as it has them, and on stand-ins
 * for all others, which do not fit together where one uses the resources of the other. Under a name that it does not know, of
 * the same length, all are stand-ins.
 */
function disguise(text: string): string {
  return text.replaceAll(/wasi:([a-z/-]+)@0\.2\.12/g, `wasj:$1@${JS_VERSION}`);
}

async function componentizeJs(jsSource: string, world: string): Promise<Uint8Array> {
  const { componentize } = await import('componentize-qjs');
  const build = async (witPath: string): Promise<Uint8Array> => {
    const deps = join(witPath, 'deps');
    for (const name of await readdir(deps)) {
      const file = join(deps, name, 'package.wit');
      await writeFile(file, (await readFile(file, 'utf8')).replaceAll('wasi:', 'wasj:'));
    }
    const component = Buffer.from((await componentize({ jsSource, witPath, sync: true })).component);
    for (let at = 0; (at = component.indexOf('wasj:', at)) >= 0;) component.write('wasi:', at, 'latin1');
    return component;
  };
  return withWit(world, build, [JS_VERSION]);
}

/** @returns what `work` makes of a folder with the world and the packages of WASI 0.2 */
export async function withWit<T>(
  world: string,
  work: (witPath: string) => Promise<T>,
  versions?: readonly string[],
): Promise<T> {
  const witPath = await mkdtemp(join(tmpdir(), 'bailiwick-wit-'));
  try {
    await mkdir(join(witPath, 'deps'));
    const deps = join(witPath, 'deps');
    if (versions === undefined) await cp(WIT_0_2, deps, { recursive: true });
    else for (const version of versions) await copyWit(deps, version);
    if (world.includes('@0.3.0')) await copyWit3(deps);
    await writeFile(join(witPath, 'world.wit'), world);
    return await work(witPath);
  } finally {
    await rm(witPath, { recursive: true, force: true });
  }
}

/** jco's tools are a WASI program, and their host starts without directories. */
export async function preopenRoot(): Promise<void> {
  const { _addPreopen } = await import('@bytecodealliance/preview2-shim/filesystem');
  // The published types are those for browsers, where a preopen is no path.
  _addPreopen('/', '/' as unknown as Parameters<typeof _addPreopen>[1]);
}

/** @param text of a core module or a component */
export async function watGuest(text: string): Promise<Uint8Array> {
  const { parse } = await import('@bytecodealliance/jco-transpile/wasm-tools');
  return parse(text);
}

/**
 * From 0.2.0 to 0.2.12 the packages of WASI have changed in nothing but what was added: `exit-with-code` and the
 * interface `timezone` (0.2.1), and a case in wasi:http. Features that are unstable are taken in.
 */
async function copyWit(deps: string, version: string): Promise<void> {
  for (const name of await readdir(WIT_0_2)) {
    const text = await readFile(join(WIT_0_2, name, 'package.wit'), 'utf8');
    const folder = join(deps, `${name}-${version}`);
    await mkdir(folder);
    await writeFile(
      join(folder, 'package.wit'),
      text.replaceAll('@0.2.12', `@${version}`).replaceAll(/@unstable\([^)]*\)/g, ''),
    );
  }
}

async function copyWit3(deps: string): Promise<void> {
  for (const name of await readdir(WIT_0_3))
    await cp(join(WIT_0_3, name), join(deps, `${name}-0.3.0`), { recursive: true });
}

/**
 * @param text of a core module whose imports and exports are named as the world has them
 * @param world may name any package of WASI 0.2.12, or of `versions`
 */
export async function watComponent(
  text: string,
  world: string,
  versions?: readonly string[],
): Promise<Uint8Array> {
  return embed(await watGuest(text), world, versions);
}

/** @param binary a core module whose imports and exports are named as the world has them */
async function embed(binary: Uint8Array, world: string, versions?: readonly string[]): Promise<Uint8Array> {
  const { componentEmbed, componentNew } = await import('@bytecodealliance/jco-transpile/wasm-tools');
  await preopenRoot();
  const build = async (witPath: string): Promise<Uint8Array> =>
    componentNew(await componentEmbed({ binary, witPath, dummy: false }), []);
  return withWit(world, build, versions);
}
