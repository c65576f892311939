// Whatever the text: parsePolicy gives a normal form that reads back as itself, or a PolicyError.
import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parsePolicy, PolicyError, printPolicy } from '../src/policy/index.ts';
import type { FuzzTarget } from './target.ts';

export async function policyTarget(): Promise<FuzzTarget> {
  const folder = join(import.meta.dirname, '../policies');
  const seeds: Uint8Array[] = [];
  for await (const file of glob('{presets,samples}/*.jsonc', { cwd: folder }))
    seeds.push(await readFile(join(folder, file)));
  return { seeds, run };
}

function run(input: Uint8Array): void {
  try {
    const policy = parsePolicy(new TextDecoder().decode(input));
    assert.deepEqual(parsePolicy(printPolicy(policy)), policy);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    assert.ok(error.problems.length > 0);
  }
}
