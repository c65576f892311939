import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Context, effortOf } from '../benchmark.ts';
import { compare, type Contestant, reading, time } from '../measure.ts';
import type { Row } from '../row.ts';

const ROOT = join(import.meta.dirname, '../..');
const BUILT = join(ROOT, 'dist/src/index.js');

/** Nanoseconds. */
const MAX_TIME = 60e6;

const start = promisify(execFile);

/** What a program pays that imports the library: fresh processes, with the library as it is published. */
export async function importTime(context: Context): Promise<readonly Row[]> {
  if (!existsSync(BUILT)) throw new Error('dist is not there: `npm run build` first');
  const importing = (name: string, code: string): Contestant => ({
    name,
    round: async () => new Map([['process', await time(() => runModule(code))]]),
  });
  const contestants = [importing('import', "import 'bailiwick';"), importing('empty', '')];
  const results = await compare(contestants, effortOf(context, { warmUp: 1000, rounds: 20 }));
  return [
    {
      what: 'start to end of the process',
      ours: reading(results, 'import', 'process'),
      peer: { name: 'empty module', time: reading(results, 'empty', 'process') },
      goal: { kind: 'adds', time: MAX_TIME },
    },
  ];
}

/** In the repository, the package finds itself by its own name and through its own `exports`. */
async function runModule(code: string): Promise<void> {
  await start(process.execPath, ['--input-type=module', '--eval', code], { cwd: ROOT });
}
