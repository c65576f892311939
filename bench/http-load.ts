import autocannon from 'autocannon';
import type { Readings } from './measure.ts';

/** How many at a time, one after the other. */
export const CONNECTIONS = [1, 16, 128] as const;

/** Seconds of load, for each number of connections in each round. */
const DURATION = 3;

/** autocannon counts whole milliseconds: what is below one is told as one. */
export const PERCENTILES = ['p50', 'p99'] as const;

/** @returns `time for a request N`, `p50 N` and `p99 N` for each number of connections @throws unless all answers are 2xx */
export async function load(url: string, check: boolean): Promise<Readings> {
  const readings = new Map<string, number>();
  for (const connections of CONNECTIONS) {
    const amount = check ? { amount: connections * 2 } : { duration: DURATION };
    const result = await autocannon({ url, connections, ...amount });
    if (result.errors > 0 || result.non2xx > 0)
      throw new Error(`${url}: ${result.errors} errors, ${result.non2xx} answers that are not 2xx`);
    readings.set(`time for a request ${connections}`, (result.duration / result.requests.total) * 1e9);
    for (const what of PERCENTILES)
      readings.set(`${what} ${connections}`, Math.max(1, result.latency[what]) * 1e6);
  }
  return readings;
}
