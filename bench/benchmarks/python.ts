import { type Context, effortOf } from '../benchmark.ts';
import { BailiwickProgram } from '../contestants/bailiwick.ts';
import { NodeWasiProgram } from '../contestants/node-wasi.ts';
import { compare, reading, time } from '../measure.ts';
import { describeSize, python } from '../programs.ts';
import type { Row } from '../row.ts';

const ARGUMENTS = ['-c', 'print(1)'];

/** A real program from its start to its end. */
export async function pythonStart(context: Context): Promise<readonly Row[]> {
  const bytes = await python();
  const ours = await BailiwickProgram.compile(bytes);
  using node = await NodeWasiProgram.compile(bytes, context.workspace);
  const contestants = Object.entries({ ours, 'node:wasi': node }).map(([name, program]) => ({
    name,
    round: async () => new Map([['run', await time(async () => check(await program.run(ARGUMENTS)))]]),
  }));
  const results = await compare(contestants, effortOf(context, { warmUp: 2000, rounds: 20 }));
  return [
    {
      what: describeSize('python.wasm', bytes),
      ours: reading(results, 'ours', 'run'),
      peer: { name: 'node:wasi', time: reading(results, 'node:wasi', 'run') },
      goal: { kind: 'costs', times: 1.1 },
    },
  ];
}

function check(output: string): void {
  if (output !== '1\n') throw new Error(`CPython printed ${JSON.stringify(output)}`);
}
