import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Engine } from '../../../src/engine/engine.ts';
import { guest } from '../../guests/index.ts';

let directory: string;
let path: string;
let bytes: Uint8Array;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bailiwick-engine-'));
  path = join(directory, 'größe 1.wasm');
  bytes = await parse(
    '(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32))) (func (export "_start")))',
  );
  await writeFile(path, bytes);
});
afterAll(() => rm(directory, { recursive: true }));

describe('a program', () => {
  test.each<[string, () => Uint8Array | ArrayBuffer | string | URL, string]>([
    ['bytes', () => bytes, 'program.wasm'],
    ['an ArrayBuffer', () => Uint8Array.from(bytes).buffer, 'program.wasm'],
    ['a path', () => path, 'größe 1.wasm'],
    ['a URL', () => pathToFileURL(path), 'größe 1.wasm'],
  ])('from %s', async (_, source, name) => {
    expect(await new Engine({ cache: false }).compile(source())).toMatchObject({
      kind: 'module',
      name,
      size: bytes.length,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      imports: ['wasi_snapshot_preview1.proc_exit'],
      exports: ['_start'],
    });
  });

  test('is compiled once, under each of its names', async () => {
    const engine = new Engine({ cache: false });
    const program = await engine.compile(bytes, { name: 'a' });
    expect(await engine.compile(path, { name: 'a' })).toBe(program);
    expect(await engine.compile(bytes, { name: 'b' })).not.toBe(program);
  });

  test('that was unused for longest is forgotten first', async () => {
    const engine = new Engine({ cache: false });
    const compile = (index: number) => engine.compile(bytes, { name: `${index}` });
    const [first, second] = [await compile(0), await compile(1)];
    for (let i = 2; i < 64; i++) await compile(i);
    expect(await compile(0)).toBe(first);
    await compile(64);
    expect(await compile(0)).toBe(first);
    expect(await compile(1)).not.toBe(second);
  });
});

describe('what cannot be compiled', () => {
  const engine = new Engine({ cache: false });

  test.each<[string, () => string | URL, string]>([
    [
      'a file that is not there',
      () => join(directory, 'none.wasm'),
      'The program "none.wasm" cannot be read: ENOENT.',
    ],
    ['a directory', () => directory, 'cannot be read: EISDIR.'],
    [
      'a URL of another kind',
      () => new URL('https://example.com/x.wasm'),
      'The program "x.wasm" cannot be read: ERR_INVALID_URL_SCHEME.',
    ],
    [
      'a URL that is badly encoded',
      () => new URL('file:///%ZZ.wasm'),
      'The program "%ZZ.wasm" cannot be read',
    ],
  ])('%s is unreadable, and the error keeps its directory to itself', async (_, source, message) => {
    const refused = engine.compile(source());
    await expect(refused).rejects.toMatchObject({
      code: 'BW_PROGRAM_UNREADABLE',
      message: expect.stringContaining(message),
    });
    await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining(`${directory}/`) });
  });

  test.each<[string, string | Uint8Array, string, string]>([
    ['text', new TextEncoder().encode('hello'), 'BW_PROGRAM_NOT_WASM', 'x is not WebAssembly: found text'],
    [
      'a module that V8 refuses',
      '(module (func (result i32)))',
      'BW_PROGRAM_INVALID',
      'x is not a valid WebAssembly module: ',
    ],
    [
      'a component of a draft of WASI',
      '(component (import "wasi:cli/stdin@0.3.0-rc-2025-09-16" (instance)))',
      'BW_PROGRAM_WASI_VERSION',
      'x cannot run: it is built for WASI 0.3.0-rc-2025-09-16, a draft that differs from WASI 0.3.0; supported are 0.1, 0.2 and 0.3.0.',
    ],
  ])('%s', async (_, source, code, message) => {
    // wasm-tools does not validate.
    const program = typeof source === 'string' ? await parse(source) : source;
    const refusal = { name: 'ProgramError', code, message: expect.stringContaining(message) };
    await expect(engine.compile(program, { name: 'x' })).rejects.toMatchObject(refusal);
    await expect(engine.compile(program, { name: 'x' })).rejects.toMatchObject(refusal);
  });

  test('a module cut short', async () => {
    await expect(engine.compile(bytes.subarray(0, -1))).rejects.toMatchObject({
      code: 'BW_PROGRAM_TRUNCATED',
    });
  });
});

test('a program beyond the bound of the engine is refused before anything looks into it', async () => {
  const engine = new Engine({ cache: false, maxProgramBytes: bytes.length - 1 });
  await expect(engine.compile(bytes)).rejects.toMatchObject({ code: 'BW_PROGRAM_TOO_LARGE' });
  await expect(
    new Engine({ cache: false, maxProgramBytes: bytes.length }).compile(bytes),
  ).resolves.toBeDefined();
});

test('the second start of a component takes its translation from the cache: jco is not even loaded', async () => {
  const cache = join(directory, 'cache');
  const file = join(directory, 'command.wasm');
  await writeFile(file, (await guest('process')).component);
  const first = await startInProcess(file, cache);
  const second = await startInProcess(file, cache);
  expect(first).toEqual({ exitCode: 0, loadsGenerator: true });
  expect(second).toEqual({ exitCode: 0, loadsGenerator: false });
}, 60_000);

/** Compiles and runs `file` in a process of its own, and tells whether it loaded jco's generator. */
async function startInProcess(
  file: string,
  cache: string,
): Promise<{ exitCode: number; loadsGenerator: boolean }> {
  const script = `
    import { registerHooks } from 'node:module';
    let loadsGenerator = false;
    registerHooks({ load: (url, context, next) => ((loadsGenerator ||= url.includes('/vendor/jco/')), next(url, context)) });
    const { Engine } = await import(${JSON.stringify(new URL('../../../src/index.ts', import.meta.url).href)});
    const program = await new Engine({ cache: ${JSON.stringify(cache)} }).compile(${JSON.stringify(file)});
    const instance = await program.instantiate({ policy: { version: 1 } });
    const { exitCode } = await instance.run();
    console.log(JSON.stringify({ exitCode, loadsGenerator }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  return JSON.parse(stdout) as { exitCode: number; loadsGenerator: boolean };
}
