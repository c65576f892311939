// Runs bench/guests/streams.c as its parent asks: `node streams-process.ts CONTESTANT COMPONENT DIRECTORY`. A process of its
// own for each contestant, because jco's shim writes to the standard output of the process; where that goes, the parent says.
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstantiateOptions } from '../../src/index.ts';
import { time } from '../measure.ts';
import { BailiwickProgram, copyOfDirectory, FILES_IN_MEMORY, onDirectory } from './bailiwick.ts';
import { type AsyncCommand, asyncShim, transpileAsync } from './jco-streams.ts';

/** One run of the guest, from its first instruction on. @returns nanoseconds */
type Job = (args: readonly string[]) => Promise<number>;

const [contestant, component = '', directory = ''] = process.argv.slice(2);
const run = await start(await readFile(component));
process.on('message', (args: readonly string[]) => {
  run(args).then(
    (nanoseconds) => process.send?.({ nanoseconds }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.send?.({ nanoseconds: 0 });

async function start(bytes: Uint8Array): Promise<Job> {
  const data = join(directory, 'data');
  mkdirSync(data);
  switch (contestant) {
    case 'memory':
      return ours(bytes, (args) => inMemory(args, data));
    case 'host':
      return ours(bytes, () => onDirectory(data));
    default:
      return jco(bytes, data);
  }
}

/** A memory volume is new for each instance: what is read from it comes from a directory, off the clock. */
function inMemory([job, mebibytes]: readonly string[], data: string): Partial<InstantiateOptions> {
  if (job !== 'read') return { policy: FILES_IN_MEMORY };
  writeFileSync(join(data, 'large'), Buffer.alloc(Number(mebibytes) * 2 ** 20, 'x'));
  return copyOfDirectory(data);
}

async function ours(
  bytes: Uint8Array,
  optionsOf: (args: readonly string[]) => Partial<InstantiateOptions>,
): Promise<Job> {
  const program = await BailiwickProgram.compile(bytes);
  return async (args) => {
    await using instance = await program.instantiate({ ...optionsOf(args), args, stdout: 'inherit' });
    return await time(async () => {
      const { exitCode, outcome } = await instance.run();
      if (exitCode !== 0) throw new Error(`${args.join(' ')}: ${JSON.stringify(outcome)}`);
    });
  };
}

async function jco(bytes: Uint8Array, data: string): Promise<Job> {
  const transpiled = await transpileAsync<AsyncCommand>(bytes, directory, 'wasi:cli/run#run');
  return async (args) => {
    const { run: command } = await transpiled.instantiate(asyncShim(args, data));
    // Throws when the guest gives an error.
    return time(() => command.run());
  };
}
