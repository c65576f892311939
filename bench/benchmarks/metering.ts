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

/**
 * The same program plain and metered, in turns.
 *
 * How the metering came to cost what it does, in the order of the jobs (loop, SHA-256, qsort, Mandelbrot, Fibonacci, bytes), on 2
 * cores of an AMD EPYC, Node.js 26:
 * - a check at every loop and function, the counter in a local where a loop does not call: 1.40 1.29 1.45 1.01 1.85 1.55;
 * - the same with hints that the check hardly ever asks for more: 1.01 1.20 1.3 1.01 1.85 1.2. Without them, V8 has nothing in
 *   registers over the loop;
 * - with hints, the counter in the global only: 1.01 1.26 1.5 1.01 1.95 1.25. A round waits for what the last one stored;
 * - calls pay for the first 16 operators of what they call, no check where a loop around the calls has one, code that certainly
 *   follows charged with what is in front of it: 1.01 1.24 1.3 1.01 1.3 1.15. The local is written through to the global at
 *   every charge, which costs nothing that could be measured, so that a trap spends the same whatever was given at a time;
 * - tight loops inside another loop that has the call: 1.00 1.08 1.25 1.01 1.3 1.01.
 * Without any check, but with charges, SHA-256 is at 1.02 and qsort at 1.2; counted loops, charged once for all of their rounds,
 * were left out: they would win no more than that.
 */
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
  return Object.keys(METERED_POLICIES).flatMap((how) => {
    const rows = [
      ...Object.entries(JOBS).map(([name, { what }]) => row(`${what}, ${how}`, jobs, how, name)),
      row(`CPython, a script of 10 lines, ${how}`, script, how, 'python'),
    ];
    return [...rows, median(rows, how)];
  });
}

/** Of an odd number of rows, the one in the middle. */
function median(rows: readonly Row[], how: string): Row {
  const ratio = ({ ours, peer }: Row): number => ours / (peer?.time ?? Number.NaN);
  const middle = rows.toSorted((a, b) => ratio(a) - ratio(b))[rows.length >> 1] as Row;
  return { ...middle, what: `the median of these, ${how}`, goal: { kind: 'costs', times: 1.15 } };
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
