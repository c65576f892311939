import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { describe, expect, test } from 'vitest';
import { PARAMETERS } from '../../../shims/preview1/signatures.ts';
import { checkWasiImports } from '../../../src/engine/check-wasi-imports.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { guest } from '../../guests/index.ts';

const text = (parameters: string): string =>
  Array.from(parameters, (letter) => (letter === 'i' ? 'i32' : 'i64')).join(' ');

const importOf = (name: string, parameters: string, result: string): string =>
  `(module (import "wasi_snapshot_preview1" "${name}" (func (param ${parameters}) ${result})))`;

const RESULT = '(result i32)';

async function check(wat: string): Promise<void> {
  checkWasiImports(await parse(wat), 'x.wasm');
}

describe.each(Object.entries(PARAMETERS))('%s', (name, parameters) => {
  const result = name === 'proc_exit' ? '' : RESULT;

  test('is accepted with its type', async () => {
    await expect(check(importOf(name, text(parameters), result))).resolves.toBeUndefined();
  });

  test('is refused with a parameter more, another result, and each parameter of another type', async () => {
    const wrong = [
      importOf(name, `${text(parameters)} i32`, result),
      importOf(name, text(parameters), result === '' ? RESULT : ''),
      importOf(name, text(parameters), '(result f64)'),
      ...Array.from(parameters, (letter, index) =>
        importOf(
          name,
          text(parameters)
            .split(' ')
            .with(index, letter === 'i' ? 'i64' : 'f64')
            .join(' '),
          result,
        ),
      ),
    ];
    for (const wat of wrong)
      await expect(check(wat)).rejects.toMatchObject({ code: 'BW_PROGRAM_IMPORT_TYPE' });
  });
});

test('the error names what was found and what WASI has', async () => {
  await expect(check(importOf('fd_filestat_set_size', 'i32 f64', RESULT))).rejects.toThrow(
    'x.wasm imports wasi_snapshot_preview1.fd_filestat_set_size as (i32, f64) -> (i32); WASI 0.1 has (i32, i64) -> (i32).',
  );
});

test('functions of wasi_unstable have the same types, and the error names their version', async () => {
  const importUnstable = (name: string, parameters: string): string =>
    importOf(name, text(parameters), name === 'proc_exit' ? '' : RESULT).replace(
      'wasi_snapshot_preview1',
      'wasi_unstable',
    );
  const functions = Object.entries(PARAMETERS).filter(([name]) => name !== 'sock_accept');
  for (const [name, parameters] of functions) {
    await check(importUnstable(name, parameters));
    await expect(check(importUnstable(name, `${parameters}i`))).rejects.toThrow(
      new RegExp(`^x\\.wasm imports wasi_unstable\\.${name} as .*; WASI 0\\.0 has `),
    );
  }
  // It came later: linking reports it as missing.
  await check(importUnstable('sock_accept', 'i'));
});

test('what is imported besides does not disturb the check', async () => {
  const others = `(import "env" "t" (table 1 funcref)) (import "env" "m" (memory 1 2)) (import "env" "g" (global (mut i64)))
    (import "env" "e" (tag (param i32))) (import "env" "f" (func (param f32) (result v128)))`;
  const types = '(rec (type (func)) (type (func (param i64)))) (type (sub (func (param funcref externref))))';
  const good = '(import "wasi_snapshot_preview1" "fd_close" (func (param i32) (result i32)))';
  await check(`(module ${types} ${others} ${good})`);
  const bad = '(import "wasi_snapshot_preview1" "fd_close" (func (param i64) (result i32)))';
  await expect(check(`(module ${types} ${others} ${bad})`)).rejects.toMatchObject({
    code: 'BW_PROGRAM_IMPORT_TYPE',
  });
});

test('a real program passes, and the engine refuses one with a wrong type', async () => {
  checkWasiImports((await guest('filesystem')).module, 'filesystem.wasm');
  const compiled = new Engine({ cache: false }).compile(
    await parse(importOf('random_get', 'i64 i64', RESULT)),
  );
  await expect(compiled).rejects.toMatchObject({ code: 'BW_PROGRAM_IMPORT_TYPE' });
});
