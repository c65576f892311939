/**
 * jco's generator: component bytes in, JavaScript glue and core modules out. Loaded on the first call only (about 4 MB),
 * so importing the library does not pay for it.
 *
 * It runs in this thread and is not metered: the caller bounds the size of what it hands in.
 */
import type { Bindgen, GenerateOptions, Transpiled } from '#jco/bindgen';
import { ProgramError } from '../errors.ts';
import { generatorWasi } from './generator-wasi.ts';

export type { GenerateOptions, Transpiled } from '#jco/bindgen';

interface Generator {
  readonly bindgen: Bindgen;
  readonly message: () => string;
}

/** Identifies what produced a translation; part of every cache key. */
export const GENERATOR_VERSION: string = 'jco-transpile@0.15.0';

let current: Promise<Generator> | undefined;

/**
 * Translates a component.
 *
 * @throws ProgramError `BW_PROGRAM_NOT_TRANSLATABLE` with the generator's own words, when it refuses the component or traps on it.
 */
export async function generate(component: Uint8Array, options: GenerateOptions): Promise<Transpiled> {
  current ??= createGenerator();
  const generator = await current;
  try {
    return generator.bindgen.generate(component, options);
  } catch (error) {
    // After a trap, a Rust program's memory is in any state. The next component, maybe another tenant's, gets a fresh one.
    current = undefined;
    throw translationError(generator, error);
  }
}

async function createGenerator(): Promise<Generator> {
  const { createBindgen } = await import('#jco/bindgen');
  const { host, message } = generatorWasi();
  const bindgen = createBindgen(host);
  await bindgen.$init;
  return { bindgen, message };
}

function translationError(generator: Generator, cause: unknown): ProgramError {
  const words = generator.message() || (cause instanceof Error ? cause.message : String(cause));
  return new ProgramError('BW_PROGRAM_NOT_TRANSLATABLE', `the component cannot be translated: ${words}`, {
    cause,
  });
}
