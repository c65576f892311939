/**
 * Why components of WASI 0.3 have a runtime of our own (src/engine/component/): what jco's generator makes of the smallest ones.
 * When a test here fails, a newer jco does better, and ARCHITECTURE.md has to be thought over.
 */
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { describe, expect, test } from 'vitest';
import { generate, type GenerateOptions } from '../../../src/engine/generator.ts';

const OPTIONS = {
  name: 'program',
  noTypescript: true,
  noNodejsCompat: true,
  instantiation: { tag: 'sync' },
  asyncMode: { tag: 'jspi', val: { imports: [], exports: [] } },
} satisfies GenerateOptions;

/** Lowers one imported function. */
const component = (type: string, core: string): string => `(component
  (import "f" (func $f ${type}))
  (core func $f (canon lower (func $f)))
  (core module $m (import "host" "f" (func ${core})))
  (core instance (instantiate $m (with "host" (instance (export "f" (func $f)))))))`;

const FAULTY = {
  'a stream that it takes': component('(param "data" (stream u8))', '(param i32)'),
  'a future that it gives': component('(result (future))', '(result i32)'),
} as const;

describe.each(Object.entries(FAULTY))('a function with %s', (_what, text) => {
  test('with raw bindings, in which our lowerings would be called: the generator aborts', async () => {
    const options: GenerateOptions = { ...OPTIONS, importBindings: { tag: 'hybrid' } };
    await expect(generate(await parse(text), options)).rejects.toMatchObject({
      code: 'BW_PROGRAM_NOT_TRANSLATABLE',
      message: expect.stringContaining('unexpected non-host resource table'),
    });
  });

  test('with bindings in JavaScript: a hundred kilobytes of glue', async () => {
    const { files } = await generate(await parse(text), { ...OPTIONS, importBindings: { tag: 'js' } });
    const glue = files.find(([name]) => name.endsWith('.js'))?.[1].length ?? 0;
    expect(glue).toBeGreaterThan(100_000);
  });
});

test('raw bindings work where there is neither', async () => {
  const options: GenerateOptions = { ...OPTIONS, importBindings: { tag: 'hybrid' } };
  const { files } = await generate(await parse(component('(param "data" u8)', '(param i32)')), options);
  expect(files.map(([name]) => name)).toContain('program.js');
});
