// Whatever the bytes: inspect() tells what they are or throws a ProgramError, and a module that V8 takes is still one
// that V8 takes after its memories were turned into imports.
import assert from 'node:assert/strict';
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { importMemories } from '../src/engine/core-memory.ts';
import { inspect, ProgramError } from '../src/index.ts';
import type { FuzzTarget } from './target.ts';

const MODULE = `(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1 4) (table 2 funcref) (global i32 (i32.const 7)) (data (i32.const 8) "hello")
  (func (export "_start") (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 0)))))`;

export async function programTarget(): Promise<FuzzTarget> {
  const component = await parse(
    '(component (import "a:b/c" (instance)) (core module (memory 1)) (component))',
  );
  return { seeds: [await parse(MODULE), component], run };
}

function run(input: Uint8Array): void {
  try {
    const found = inspect(input, 'input');
    if (found.kind !== 'module') return;
    const adjusted = importMemories(input).bytes as Uint8Array<ArrayBuffer>;
    assert.ok(WebAssembly.validate(adjusted), 'the rewritten module is not valid');
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
  }
}
