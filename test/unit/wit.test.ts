import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  componentEmbed,
  componentNew,
  componentWit,
  parse,
} from '@bytecodealliance/jco-transpile/wasm-tools';
import { _addPreopen } from '@bytecodealliance/preview2-shim/filesystem';
import { expect, test } from 'vitest';
import { LOWERINGS } from '../../shims/preview2/lowerings.ts';

const WIT = join(import.meta.dirname, '../../wit');
const ORIGINALS = join(
  import.meta.dirname,
  '../../node_modules/@bytecodealliance/jco/lib/wit/builtin/0.2.12',
);

test('the WASI packages are those that jco publishes', async () => {
  const folders = await readdir(join(WIT, 'deps'));
  expect(folders).toContain('wasi-filesystem-0.2');
  for (const folder of folders) {
    const original = join(ORIGINALS, folder.replace(/-0\.2$/, ''), 'package.wit');
    expect(await readFile(join(WIT, 'deps', folder, 'package.wit'), 'utf8')).toBe(
      await readFile(original, 'utf8'),
    );
  }
});

test('the command world imports what is served, and nothing else', async () => {
  // The tools are a WASI program, and their host starts without directories.
  // The published types are those for browsers, where a preopen is no path.
  _addPreopen('/', '/' as unknown as Parameters<typeof _addPreopen>[1]);
  const embedded = await componentEmbed({
    binary: await parse('(module (func (export "wasi:cli/run@0.2.12#run") (result i32) i32.const 0))'),
    witPath: WIT,
    world: 'command',
    dummy: false,
  });
  const component = await componentNew(embedded, []);
  expect(await componentWit(component)).toContain('export wasi:cli/run@0.2.12');
  const text = await readFile(join(WIT, 'world.wit'), 'utf8');
  const imports = [...text.matchAll(/import ([^@]+)@/g)].map(([, name]) => name);
  expect(new Set(imports)).toEqual(new Set(LOWERINGS.keys()));
});
