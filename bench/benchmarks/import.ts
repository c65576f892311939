import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Benchmark, effortOf } from '../benchmark.ts';
import { compare, reading, time } from '../measure.ts';

const ROOT = join(import.meta.dirname, '../..');
const BUILT = join(ROOT, 'dist/src/index.js');

/** Nanoseconds. */
const MAX_TIME = 60e6;

const start = promisify(execFile);

/** What a program pays that imports the library: fresh processes, with the library as it is published. */
export const importTime: Benchmark = {
  name: 'import',
  title: "import 'bailiwick' in a fresh process",
  async run(context) {
    if (!existsSync(BUILT)) throw new Error('dist is not there: `npm run build` first');
    const process = (name: string, code: string) => ({
      name,
      round: async () => new Map([['process', await time(() => runModule(code))]]),
    });
    const contestants = [process('import', "import 'bailiwick';"), process('empty', '')];
    const results = await compare(contestants, effortOf(context, { warmUp: 1000, rounds: 20 }));
    return [
      {
        what: 'start to end of the process',
        ours: reading(results, 'import', 'process'),
        peer: { name: 'empty module', time: reading(results, 'empty', 'process') },
        goal: { kind: 'adds', time: MAX_TIME },
      },
    ];
  },
};

/** In the repository, the package finds itself by its own name and through its own `exports`. */
async function runModule(code: string): Promise<void> {
  await start(process.execPath, ['--input-type=module', '--eval', code], { cwd: ROOT });
}
