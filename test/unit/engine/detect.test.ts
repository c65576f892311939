import { gzipSync, zstdCompressSync } from 'node:zlib';
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { describe, expect, test } from 'vitest';
import { detect } from '../../../src/engine/detect.ts';

const MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

function errorOf(bytes: Uint8Array): unknown {
  try {
    return detect(bytes, 'x.wasm');
  } catch (error) {
    return error;
  }
}

test('modules and components are told apart', async () => {
  const module = await parse('(module)');
  expect(detect(module, 'x.wasm')).toBe('module');
  expect(detect(await parse('(component)'), 'x.wasm')).toBe('component');
  expect(detect(MODULE, 'x.wasm')).toBe('module');
});

const NOT_WASM = 'expected the bytes 00 61 73 6d ("\\0asm") at the start.';

describe('what is not WebAssembly is called by its name', () => {
  test.each<[string, Uint8Array | string, string | undefined]>([
    ['an empty file', '', 'Check that the build or the download finished.'],
    ['gzip data', gzipSync(MODULE), 'Unpack it first: `gunzip FILE.gz`.'],
    ['Zstandard data', zstdCompressSync(MODULE), 'Unpack it first: `unzstd FILE.zst`.'],
    ['a zip archive', 'PK\u0003\u0004rest', 'Unpack it and name the .wasm file inside.'],
    ['a native ELF program', '\u007fELF\u0002\u0001', 'Compile it for wasm32-wasip1 or wasm32-wasip2.'],
    ['LLVM bitcode', Uint8Array.of(0x42, 0x43, 0xc0, 0xde), 'Link it with wasm-ld first.'],
    [
      'an HTML page',
      '\n<!DOCTYPE html><title>404</title>',
      'A download may have answered with an error page.',
    ],
    ['an HTML page', '<html lang="en">', 'A download may have answered with an error page.'],
    ['WebAssembly text', '  (module (func))', 'Convert it first: `wasm-tools parse FILE.wat -o FILE.wasm`.'],
    ['WebAssembly text', '(component)', 'Convert it first: `wasm-tools parse FILE.wat -o FILE.wasm`.'],
    ['JSON text', '{ "version": 1 }', undefined],
    ['text', 'fn main() {}\n', undefined],
    ['text', `${'x'.repeat(255)}é`, undefined],
    [
      'the first bytes of a WebAssembly binary, then its end',
      Uint8Array.of(0, 0x61, 0x73),
      'The file is truncated.',
    ],
    ['the bytes 00 61 73 00', Uint8Array.of(0, 0x61, 0x73, 0, 0, 0), undefined],
    ['the bytes ff fe', Uint8Array.of(0xff, 0xfe), undefined],
  ])('%s', (found, content, hint) => {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    expect(errorOf(bytes)).toMatchObject({
      name: 'ProgramError',
      code: 'BW_PROGRAM_NOT_WASM',
      message: `x.wasm is not WebAssembly: found ${found}, ${NOT_WASM}`,
      hint,
    });
  });
});

test('a binary of fewer than eight bytes is truncated', () => {
  expect(errorOf(MODULE.subarray(0, 6))).toMatchObject({
    code: 'BW_PROGRAM_TRUNCATED',
    message: 'x.wasm is truncated: a WebAssembly binary has at least 8 bytes, this has 6.',
  });
});

test.each([
  [[2, 0, 0, 0], 'layer 0, version 2'],
  [[12, 0, 1, 0], 'layer 1, version 12'],
  [[1, 0, 1, 0], 'layer 1, version 1'],
  [[13, 0, 0, 0], 'layer 0, version 13'],
])('the version %j is named', (version, words) => {
  expect(errorOf(Uint8Array.of(0, 0x61, 0x73, 0x6d, ...version))).toMatchObject({
    code: 'BW_PROGRAM_VERSION',
    message: `x.wasm is a WebAssembly binary of ${words}; expected a module (layer 0, version 1) or a component (layer 1, version 13).`,
    hint: 'Build it again with current tools.',
  });
});
