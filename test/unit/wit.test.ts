import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  componentEmbed,
  componentNew,
  componentWit,
  parse,
} from '@bytecodealliance/jco-transpile/wasm-tools';
import { _addPreopen } from '@bytecodealliance/preview2-shim/filesystem';
import { beforeAll, expect, test } from 'vitest';
import { readWit } from '../../scripts/wit/reader.ts';
import { LOWERINGS } from '../../shims/preview2/lowerings.ts';
import { SIGNATURES } from '../../shims/preview3/signatures.ts';

const WIT = join(import.meta.dirname, '../../wit');
const ORIGINALS = join(import.meta.dirname, '../../node_modules/@bytecodealliance/jco/lib/wit/builtin');

/** By the end of the names of our folders. */
const VERSIONS = { '-0.2': '0.2.12', '-0.3': '0.3.0' } as const;

beforeAll(() => {
  // The tools are a WASI program, and their host starts without directories.
  // The published types are those for browsers, where a preopen is no path.
  _addPreopen('/', '/' as unknown as Parameters<typeof _addPreopen>[1]);
});

test.each(Object.entries(VERSIONS))(
  'the packages %s are those that jco publishes',
  async (suffix, version) => {
    const folders = (await readdir(join(WIT, 'deps'))).filter((folder) => folder.endsWith(suffix));
    expect(folders).toContain(`wasi-filesystem${suffix}`);
    for (const folder of folders) {
      const original = join(ORIGINALS, version, folder.slice(0, -suffix.length), 'package.wit');
      expect(await readFile(join(WIT, 'deps', folder, 'package.wit'), 'utf8')).toBe(
        await readFile(original, 'utf8'),
      );
    }
  },
);

/** @returns the names of interfaces in a world of wit/world.wit, without their versions */
async function importsOf(world: string): Promise<Set<string | undefined>> {
  const text = await readFile(join(WIT, 'world.wit'), 'utf8');
  const [, body = ''] = text.split(`world ${world} {`);
  const [imports = ''] = body.split('}');
  return new Set([...imports.matchAll(/import ([^@]+)@/g)].map(([, name]) => name));
}

test('the command world imports what is served, and nothing else', async () => {
  const embedded = await componentEmbed({
    binary: await parse('(module (func (export "wasi:cli/run@0.2.12#run") (result i32) i32.const 0))'),
    witPath: WIT,
    world: 'command',
    dummy: false,
  });
  const component = await componentNew(embedded, []);
  expect(await componentWit(component)).toContain('export wasi:cli/run@0.2.12');
  expect(await importsOf('command')).toEqual(new Set(LOWERINGS.keys()));
});

test.each([
  ['command-p3', 'wasi:cli/run'],
  ['service-p3', 'wasi:http/handler'],
])('a component can be built for the world %s', async (world, exported) => {
  const component = await componentNew(await componentEmbed({ witPath: WIT, world, dummy: true }), []);
  const text = await componentWit(component);
  expect(text).toContain(`export ${exported}@0.3.0`);
  expect(text).toContain('import wasi:filesystem/types@0.3.0');
});

test('the worlds of WASI 0.3 import all of it but what they export', async () => {
  const folders = (await readdir(join(WIT, 'deps'))).filter((folder) => folder.endsWith('-0.3'));
  const packages = await Promise.all(
    folders.map(async (folder) => readWit(await readFile(join(WIT, 'deps', folder, 'package.wit'), 'utf8'))),
  );
  const paths = packages.flatMap(({ interfaces }) => interfaces.map(({ path }) => path));
  const exported = new Set(['wasi:cli/run', 'wasi:http/handler']);
  expect(paths).toEqual(expect.arrayContaining([...exported, ...SIGNATURES.keys()]));
  expect(await importsOf('imports-p3')).toEqual(new Set(paths).difference(exported));
});
