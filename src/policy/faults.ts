import type { Issue } from './source.ts';
import { quote } from './text.ts';

/** What would be right in place of what was found. */
export type Fault = Pick<Issue, 'expected' | 'hint'>;

/** @param meant is proposed when it is right itself: `parse` reads it */
export function propose(expected: string, meant: string, parse: (text: string) => unknown): Fault {
  return parse(meant) === undefined ? { expected } : { expected, hint: `did you mean ${quote(meant)}?` };
}
