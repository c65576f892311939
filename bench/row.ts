/** What a row has to reach. Times are nanoseconds, or what the row counts instead. */
export type Goal =
  /** `peer / ours` is at least that. */
  | { readonly kind: 'faster'; readonly times: number }
  /** `ours / peer` is at most that. */
  | { readonly kind: 'costs'; readonly times: number }
  /** `ours - peer`, or `ours` alone, is at most that. */
  | { readonly kind: 'adds'; readonly time: number };

/** One line of the table: medians, in nanoseconds where it has no unit. */
export interface Row {
  readonly what: string;
  readonly ours: number;
  readonly unit?: 'bytes';
  /** Measured in the same run, in turns with ours. */
  readonly peer?: { readonly name: string; readonly time: number };
  /** None: the row is only reported. */
  readonly goal?: Goal;
}

/** @returns the number that the goal is about: a ratio, or nanoseconds; how many times faster where there is no goal */
export function figureOf({ ours, peer, goal }: Row): number | undefined {
  switch (goal?.kind) {
    case 'costs':
      return ours / (peer?.time ?? Number.NaN);
    case 'adds':
      return ours - (peer?.time ?? 0);
    case 'faster':
    case undefined:
      return peer && peer.time / ours;
  }
}

/** @returns undefined for a row without a goal */
export function isMet(row: Row): boolean | undefined {
  const figure = figureOf(row);
  if (row.goal === undefined || figure === undefined) return undefined;
  switch (row.goal.kind) {
    case 'faster':
      return figure >= row.goal.times;
    case 'costs':
      return figure <= row.goal.times;
    case 'adds':
      return figure <= row.goal.time;
  }
}
