// Runs programs with fuel, in whatever Node.js this is: `node count.ts MANIFEST`. Prints what each has spent and written, as JSON.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Engine } from '../../../src/index.ts';

/** A program that its policy gives nothing but arguments and standard output. */
export interface CountedRun {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
}

/** What came of it. */
export interface Count {
  readonly outcome: unknown;
  readonly fuel: number;
  /** SHA-256 of what it wrote. */
  readonly written: string;
}

const engine = new Engine({ cache: false });
const counts: Record<string, Count> = {};
for (const run of JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as CountedRun[])
  counts[run.name] = await count(run);
console.log(JSON.stringify(counts));

async function count({ file, args }: CountedRun): Promise<Count> {
  const program = await engine.compile(file);
  const hash = createHash('sha256');
  const instance = await program.instantiate({
    policy: {
      version: 1,
      arguments: true,
      stdio: { stdout: true },
      limits: { fuel: 1e12, memory: '256MiB' },
    },
    args,
    stdout: { write: (chunk: Uint8Array) => void hash.update(chunk) },
  });
  const { outcome, usage } = await instance.run();
  return { outcome, fuel: usage.fuel, written: hash.digest('hex') };
}
