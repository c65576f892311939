import { type Context, effortOf } from '../benchmark.ts';
import { CALL_NAMES, CALLS, type CallCounts } from '../calls.ts';
import { compare, reading } from '../measure.ts';
import { callsGuest } from '../programs.ts';
import { buildContestant } from '../unguarded/build.ts';
import { contestant } from './calls.ts';
import type { Row } from '../row.ts';

const COUNTS: CallCounts = {
  clock: 50_000,
  random: 50_000,
  pread: 20_000,
  pwrite: 20_000,
  fstat: 20_000,
  stat: 20_000,
  open: 20_000,
};

/** The goal for one decision, in nanoseconds. */
const MAX_TIME = 100;

/** What the guard costs: the same calls with it, and in a private build whose guard lets everything pass. */
export async function decisionCost(context: Context): Promise<readonly Row[]> {
  const { module } = await callsGuest();
  const guarded = await buildContestant('guarded');
  const unguarded = await buildContestant('unguarded');
  const contestants = [
    contestant('guarded', COUNTS, await guarded.compile(module)),
    contestant('unguarded', COUNTS, await unguarded.compile(module)),
  ];
  const results = await compare(contestants, effortOf(context, { warmUp: 2000, rounds: 30 }));
  return CALL_NAMES.map((call) => ({
    what: CALLS[call],
    ours: reading(results, 'guarded', call),
    peer: { name: 'guard bypassed', time: reading(results, 'unguarded', call) },
    goal: { kind: 'adds', time: MAX_TIME },
  }));
}
