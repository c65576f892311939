import { readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { transpileBytes } from '@bytecodealliance/jco-transpile';
import { componentNew, parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { beforeAll, describe, expect, test } from 'vitest';
import { editGlue } from '../../../scripts/vendor-generator.ts';
import { generate, GENERATOR_VERSION, type GenerateOptions } from '../../../src/engine/generator.ts';
import { ProgramError } from '../../../src/errors.ts';

type TranspileOptions = NonNullable<Parameters<typeof transpileBytes>[1]>;

const require = createRequire(import.meta.url);

/** A 0.1 command that imports enough for the adapter to ask for files, clocks, randomness and streams of 0.2. */
const COMMAND = `(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (call $random (i32.const 0) (i32.const 16)))
    (drop (call $clock (i32.const 0) (i64.const 0) (i32.const 16)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 32)))))`;

const COMMON = {
  name: 'program',
  map: [],
  validLiftingOptimization: false,
  tracing: false,
  noComponentErrorWrapping: true,
  noNodejsCompat: true,
  noTypescript: true,
  tlaCompat: false,
  base64Cutoff: 5000,
} satisfies GenerateOptions;

let component: Uint8Array;

function digested([name, bytes]: [string, Uint8Array]): [string, string] {
  return [name, createHash('sha256').update(bytes).digest('hex')];
}

beforeAll(async () => {
  const adapter = new URL(
    '../lib/wasi_snapshot_preview1.command.wasm',
    pathToFileURL(require.resolve('@bytecodealliance/jco')),
  );
  component = await componentNew(await parse(COMMAND), [['wasi_snapshot_preview1', await readFile(adapter)]]);
});

describe('the vendored generator', () => {
  test.each([
    ['js bindings', {}, {}],
    ['hybrid', { importBindings: { tag: 'hybrid' } }, { importBindings: 'hybrid' }],
    [
      'hybrid with JSPI',
      {
        importBindings: { tag: 'hybrid' },
        asyncMode: { tag: 'jspi', val: { imports: [], exports: ['wasi:cli/run@0.2.3#run'] } },
      },
      { importBindings: 'hybrid', asyncMode: 'jspi', asyncExports: ['wasi:cli/run@0.2.3#run'] },
    ],
  ] satisfies [string, Partial<GenerateOptions>, TranspileOptions][])(
    'gives the output of jco-transpile: %s',
    async (_name, ours, theirs) => {
      const mine = await generate(component, { ...COMMON, instantiation: { tag: 'async' }, ...ours });
      const reference = await transpileBytes(component, {
        name: 'program',
        instantiation: 'async',
        nodejsCompat: false,
        emitTypescriptDeclarations: false,
        ...theirs,
      });
      expect(Object.keys(reference.files)).toContain('program.js');
      expect(new Map(mine.files.map(digested))).toEqual(
        new Map(Object.entries(reference.files).map(digested)),
      );
      expect(mine.imports).toEqual(reference.imports);
      expect(mine.exports).toEqual(reference.exports);
    },
  );

  test('refuses what is not a component, in its own words, and still takes the next one', async () => {
    const options: GenerateOptions = { ...COMMON, instantiation: { tag: 'async' } };
    const refused = generate(component.slice(0, 1000), options);
    await expect(refused).rejects.toThrow(ProgramError);
    await expect(refused).rejects.toMatchObject({
      code: 'BW_PROGRAM_NOT_TRANSLATABLE',
      message: expect.stringContaining('unexpected end'),
    });
    await expect(generate(component, options)).resolves.toHaveProperty('files');
  });

  test('names the version that is installed, because cached translations depend on it', async () => {
    const main = require.resolve('@bytecodealliance/jco-transpile');
    const text = await readFile(new URL('../package.json', pathToFileURL(main)), 'utf8');
    expect(GENERATOR_VERSION).toBe(`jco-transpile@${(JSON.parse(text) as { version: string }).version}`);
  });

  test('a change of its layout stops the build', () => {
    expect(() => editGlue("import { environment } from '@bytecodealliance/preview2-shim/cli';\n")).toThrow(
      /glue changed/,
    );
  });

  test('imports nothing but the reader of its own core modules', async () => {
    const text = await readFile(new URL('../../../vendor/jco/bindgen.js', import.meta.url), 'utf8');
    expect(text.match(/^\s*import\b.*/gm)).toBeNull();
    expect(text.match(/\bimport\((.*?)\)/g)).toEqual(["import('node:fs/promises')"]);
  });
});
