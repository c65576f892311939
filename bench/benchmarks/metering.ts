import { type Context, effortOf } from '../benchmark.ts';
import { callArguments, readReport } from '../calls.ts';
import { BailiwickProgram, METERED_POLICIES } from '../contestants/bailiwick.ts';
import { compare, type Contestant, reading } from '../measure.ts';
import { computeGuest, python } from '../programs.ts';
import type { Row } from '../row.ts';

/** What bench/guests/compute.c can do, and how often it does it in a round: a few milliseconds each. */
const JOBS = {
  loop: { what: 'a loop of 24 million instructions', rounds: 2 },
  sha256: { what: 'SHA-256 of 1 MiB', rounds: 2 },
  sort: { what: 'qsort of 40,000 numbers', rounds: 2 },
  mandelbrot: { what: 'Mandelbrot set, 100 x 100', rounds: 2 },
  recursion: { what: 'Fibonacci of 30, recursive', rounds: 2 },
  bytes: { what: 'the sum of 4 MiB, byte by byte', rounds: 4 },
} as const;

const COUNTS = Object.fromEntries(Object.entries(JOBS).map(([name, { rounds }]) => [name, rounds]));

/** CPython at work: calls, dictionaries, strings, numbers. */
const SCRIPT = `
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
words = {}
for i in range(60000):
    key = "word%d" % (i % 997)
    words[key] = words.get(key, 0) + i
primes = [n for n in range(2, 4000) if all(n % d for d in range(2, int(n ** 0.5) + 1))]
print(fib(19), len(words), sum(words.values()), len(primes))
`;

/** The same program plain and metered, in turns. */
export async function metering(context: Context): Promise<readonly Row[]> {
  const [compute, cpython] = await Promise.all([
    computeGuest().then(({ module }) => BailiwickProgram.compile(module)),
    python().then((bytes) => BailiwickProgram.compile(bytes)),
  ]);
  const jobs = await compare(
    contestants(async (options) => readReport(await compute.run(callArguments(COUNTS), options), COUNTS)),
    effortOf(context, { warmUp: 1500, rounds: 20 }),
  );
  const script = await compare(
    contestants(async (options) => {
      const start = performance.now();
      const printed = await cpython.run(['-c', SCRIPT], options);
      if (!printed.startsWith('4181 997 ')) throw new Error(`CPython printed ${JSON.stringify(printed)}`);
      return new Map([['python', (performance.now() - start) * 1e6]]);
    }),
    effortOf(context, { warmUp: 2000, rounds: 8 }),
  );
  return Object.keys(METERED_POLICIES).flatMap((how) => [
    ...Object.entries(JOBS).map(([name, { what }]) => row(`${what}, ${how}`, jobs, how, name)),
    row(`CPython, a script of 10 lines, ${how}`, script, how, 'python'),
  ]);
}

type Run = (options: {
  readonly policy?: (typeof METERED_POLICIES)[string];
}) => ReturnType<Contestant['round']>;

function contestants(run: Run): Contestant[] {
  const metered = Object.entries(METERED_POLICIES).map(([name, policy]) => ({
    name,
    round: () => run({ policy }),
  }));
  return [{ name: 'plain', round: () => run({}) }, ...metered];
}

function row(what: string, results: Awaited<ReturnType<typeof compare>>, how: string, name: string): Row {
  return {
    what,
    ours: reading(results, how, name),
    peer: { name: 'not metered', time: reading(results, 'plain', name) },
    goal: { kind: 'costs', times: 2 },
  };
}
