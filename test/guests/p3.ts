/**
 * Guest programs of WASI 0.3, built from source on first use:
 *
 * - {@link p3Guest}: C from test/guests/p3 (or any .c file), by hand on the Canonical ABI with p3/wasi3.h
 * - {@link p3LibcGuest}: a C guest of test/guests/c as it is, its libc put on WASI 0.3 by p3/preview1.c
 * - {@link p3WatGuest}: WebAssembly text of a core module, as a component of a world
 * - {@link p3JsGuest}: JavaScript from test/guests/p3, which imports some interfaces of 0.2, too
 *
 * Worlds may name any interface of wit/, and `include bailiwick:guest/imports-p3`.
 */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { buildKey, buildOnce } from './build-cache.ts';
import { BARE_FLAGS, C_FLAGS, cFiles, cModule, preopenRoot, watGuest } from './index.ts';
import { packageVersion } from './packages.ts';

const FOLDER = join(import.meta.dirname, 'p3');
const WIT = join(import.meta.dirname, '../../wit');

/** All of WASI 0.3, and `run`. */
export const P3_COMMAND = `package test:guest;
world guest { include bailiwick:guest/command-p3; }`;

/** All of WASI 0.3, and the handler of HTTP requests. */
export const P3_SERVICE = `package test:guest;
world guest { include bailiwick:guest/service-p3; }`;

/**
 * @param source a name in test/guests/p3, or the path of a .c file; headers beside it and those of test/guests/p3 can be
 *   included; a .wit file of the same name says its world, which is else {@link P3_COMMAND}
 * @param flags for the compiler, such as `-DNAME`
 */
export async function p3Guest(source: string, flags: readonly string[] = []): Promise<Uint8Array> {
  const file = source.endsWith('.c') ? source : join(FOLDER, `${source}.c`);
  const name = basename(file, '.c');
  const files = { ...(await cFiles(join(FOLDER, 'wasi3.h'))), ...(await cFiles(file)) };
  const module = await cModule(`p3-${name}`, files, [...BARE_FLAGS, ...flags], `${name}.c`);
  return p3Component(`p3-${name}`, module, await worldBeside(dirname(file), name));
}

/** @param source a name in test/guests/c, or in test/guests/p3 for a guest of WASI 0.3 that wants a libc as well */
export async function p3LibcGuest(source: string): Promise<Uint8Array> {
  const c = join(import.meta.dirname, 'c');
  const folder = (await readdir(c)).includes(`${source}.c`) ? c : FOLDER;
  const files = {
    ...(await cFiles(join(c, 'result.h'))),
    ...(await cFiles(join(FOLDER, 'preview1.c'))),
    ...(await cFiles(join(folder, `${source}.c`))),
    'preview1.o': await libcBase(),
  };
  const flags = [...C_FLAGS, '-DWASI3_LIBC', 'preview1.o'];
  const module = await cModule(`p3-libc-${source}`, files, flags, `${source}.c`);
  return p3Component(`p3-libc-${source}`, module, P3_COMMAND);
}

/** What puts a libc on WASI 0.3, compiled once for all guests that are linked with it. */
async function libcBase(): Promise<Uint8Array> {
  const flags = C_FLAGS.filter((flag) => !flag.startsWith('-Wl,'));
  const files = await cFiles(join(FOLDER, 'preview1.c'));
  return cModule('p3-preview1', files, [...flags, '-DWASI3_LIBC', '-c'], 'preview1.c');
}

/** @param text of a core module whose imports and exports are named as wit-component does, see wasi3.h */
export async function p3WatGuest(text: string, world: string = P3_COMMAND): Promise<Uint8Array> {
  return p3Component('p3-wat', await watGuest(text), world);
}

/** @param name of NAME.js, an ES module that exports what the world in NAME.wit does */
export async function p3JsGuest(name: string): Promise<Uint8Array> {
  const [jsSource, world] = await Promise.all(
    [`${name}.js`, `${name}.wit`].map((each) => readFile(join(FOLDER, each), 'utf8')),
  );
  const key = buildKey([await packageVersion('componentize-qjs'), jsSource ?? '', await witKey(world ?? '')]);
  return buildOnce(`p3-${name}.js`, key, async () => {
    const { componentize } = await import('componentize-qjs');
    return withP3Wit(world ?? '', async (witPath) => {
      const { component } = await componentize({ jsSource: jsSource ?? '', witPath });
      return component;
    });
  });
}

async function worldBeside(folder: string, name: string): Promise<string> {
  const there = (await readdir(folder)).includes(`${name}.wit`);
  return there ? readFile(join(folder, `${name}.wit`), 'utf8') : P3_COMMAND;
}

async function p3Component(name: string, binary: Uint8Array, world: string): Promise<Uint8Array> {
  const version = await packageVersion('@bytecodealliance/jco-transpile');
  const key = buildKey([version, await witKey(world), binary]);
  return buildOnce(`${name}.component`, key, async () => {
    const { componentEmbed, componentNew } = await import('@bytecodealliance/jco-transpile/wasm-tools');
    await preopenRoot();
    return withP3Wit(world, async (witPath) =>
      componentNew(await componentEmbed({ binary, witPath, dummy: false }), []),
    );
  });
}

/** What is built depends on our own worlds, too. */
async function witKey(world: string): Promise<string> {
  return buildKey([world, await readFile(join(WIT, 'world.wit'))]);
}

/** @returns what `work` makes of a folder with the world and the packages of wit/, their unstable features taken in */
async function withP3Wit<T>(world: string, work: (witPath: string) => Promise<T>): Promise<T> {
  const witPath = await mkdtemp(join(tmpdir(), 'bailiwick-wit-'));
  try {
    const deps = join(witPath, 'deps');
    await cp(join(WIT, 'deps'), deps, { recursive: true });
    await mkdir(join(deps, 'bailiwick-guest'));
    await cp(join(WIT, 'world.wit'), join(deps, 'bailiwick-guest/package.wit'));
    for (const name of await readdir(deps)) await takeUnstable(join(deps, name, 'package.wit'));
    await writeFile(join(witPath, 'world.wit'), world);
    return await work(witPath);
  } finally {
    await rm(witPath, { recursive: true, force: true });
  }
}

async function takeUnstable(file: string): Promise<void> {
  await writeFile(file, (await readFile(file, 'utf8')).replaceAll(/@unstable\([^)]*\)/g, ''));
}
