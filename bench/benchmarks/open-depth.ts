import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Context, effortOf } from '../benchmark.ts';
import { BailiwickProgram, onDirectory } from '../contestants/bailiwick.ts';
import { compare, type Contestant, reading, time } from '../measure.ts';
import { filesGuest } from '../programs.ts';
import type { Row } from '../row.ts';
import { contestant } from './calls.ts';

/** As bench/guests/file-jobs.c has it below its mount. */
const PATH = 'one/two/three/four';

/** What confinement costs an open: a guest's, component by component, and Node's own of the same path. */
export async function openAtDepth(context: Context): Promise<readonly Row[]> {
  const { module, component } = await filesGuest();
  const directory = context.workspace.makeDirectory();
  const count = context.check ? 10 : 2000;
  const guest = async (name: string, bytes: Uint8Array): Promise<Contestant> => {
    const program = await BailiwickProgram.compile(bytes);
    return contestant(name, { open: count }, { run: (args) => program.run(args, onDirectory(directory)) });
  };
  const contestants = [
    await guest('0.1', module),
    await guest('0.2', component),
    plainOpens(join(directory, PATH), count),
  ];
  const results = await compare(contestants, effortOf(context, { warmUp: 1000, rounds: 30 }));
  const peer = { name: 'fs.openSync + closeSync', time: reading(results, 'node:fs', 'open') };
  return ['0.1', '0.2'].map((name) => ({
    what: `open + close at depth 4, WASI ${name}`,
    ours: reading(results, name, 'open'),
    peer,
    goal: { kind: 'costs', times: 3 },
  }));
}

function plainOpens(path: string, count: number): Contestant {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '');
  const openAll = (): void => {
    for (let i = 0; i < count; i++) closeSync(openSync(path, 'r'));
  };
  return { name: 'node:fs', round: async () => new Map([['open', (await time(openAll)) / count]]) };
}
