import type { Context } from '../benchmark.ts';
import { measurePolicy } from '../policy.ts';
import type { Row } from '../row.ts';

/** A millisecond, in nanoseconds. */
const MAX_TIME = 1e6;

export async function policyCheck({ check }: Context): Promise<readonly Row[]> {
  const { parse, normalize, again } = measurePolicy(check ? 2 : undefined);
  return [
    { what: 'an object', ours: normalize * 1e6, goal: { kind: 'adds', time: MAX_TIME } },
    { what: 'a normal form again', ours: again * 1e6, goal: { kind: 'adds', time: MAX_TIME } },
    { what: 'a text', ours: parse * 1e6 },
  ];
}
