import type { Readings } from './measure.ts';

/** The calls that bench/guests/host-calls.c knows, with what the table says of them. */
export const CALLS = {
  clock: 'clock',
  random: 'random 16 B',
  pread: 'pread 4 KiB',
  pwrite: 'pwrite 4 KiB',
  fstat: 'fstat',
  stat: 'stat',
  open: 'open + close',
} as const;

export type Call = keyof typeof CALLS;

export const CALL_NAMES: readonly Call[] = Object.keys(CALLS) as Call[];

/** How often one run of a guest makes each call. */
export type CallCounts<Name extends string = Call> = Readonly<Record<Name, number>>;

/** @returns the guest's arguments */
export function callArguments(counts: Readonly<Record<string, number>>): string[] {
  return Object.entries(counts).map(([call, count]) => `${call}:${count}`);
}

/**
 * @param report what the guest printed
 * @returns nanoseconds for one call
 * @throws when the guest did not make all of them
 */
export function readReport(report: string, counts: Readonly<Record<string, number>>): Readings {
  const times = new Map(
    report
      .trim()
      .split('\n')
      .map((line): [string, number] => {
        const [call = '', nanoseconds] = line.split(' ');
        return [call, Number(nanoseconds)];
      }),
  );
  return new Map(
    Object.entries(counts).map(([call, count]) => {
      const time = times.get(call);
      if (time === undefined || Number.isNaN(time))
        throw new Error(`no time for ${call} in ${JSON.stringify(report)}`);
      return [call, time / count];
    }),
  );
}
