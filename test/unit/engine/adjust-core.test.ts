import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { describe, expect, test } from 'vitest';
import { adjustCores } from '../../../src/engine/adjust-core.ts';

describe('memories of one program', () => {
  const modules = (counts: readonly number[]): Promise<Uint8Array[]> =>
    Promise.all(counts.map((count) => parse(`(module ${'(memory 0)'.repeat(count)})`)));

  test('may be a hundred together', async () => {
    const cores = adjustCores(await modules([60, 0, 40]));
    expect(cores.map(({ memories }) => memories.length)).toEqual([60, 0, 40]);
  });

  test('are refused beyond that', async () => {
    const cores = await modules([60, 41]);
    expect(() => adjustCores(cores)).toThrow(
      expect.objectContaining({
        code: 'BW_PROGRAM_UNSUPPORTED',
        message: 'The program has 101 memories; up to 100 are supported.',
      }),
    );
  });
});
