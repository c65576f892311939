import { BailiwickError } from '../errors.ts';
import { cut, escapeControls } from './text.ts';

/** One thing that is wrong with a policy, and where. */
export interface PolicyProblem {
  /** What is wrong, with what was found and expected, in one line. */
  readonly message: string;
  /** The file as the caller named it, `preset:NAME`, or undefined where there is none. */
  readonly file: string | undefined;
  /** From 1; undefined for a policy that was given as an object. */
  readonly line: number | undefined;
  /** From 1, in UTF-16 code units as editors count; undefined for a policy that was given as an object. */
  readonly column: number | undefined;
  /** RFC 6901; the empty string is the whole document. */
  readonly pointer: string;
  readonly found: string | undefined;
  readonly expected: string | undefined;
  readonly hint: string | undefined;
}

/** Problems that a message lists; `problems` has them all. */
const LISTED = 50;

/** A policy that is not valid. Code `BW_POLICY_INVALID`; every problem is in {@link PolicyError.problems}. */
export class PolicyError extends BailiwickError {
  /** In the order of the text; at least one. */
  readonly problems: readonly PolicyProblem[];

  constructor(problems: readonly PolicyProblem[]) {
    super('BW_POLICY_INVALID', describe(problems));
    this.problems = problems;
  }
}

/** A size, duration or instant that cannot be read. Code `BW_POLICY_VALUE`. */
export class PolicyValueError extends BailiwickError {
  readonly found: string;
  readonly expected: string;

  constructor(found: string, expected: string, hint?: string) {
    super('BW_POLICY_VALUE', `found ${found}, expected ${expected}`, hint === undefined ? {} : { hint });
    this.found = found;
    this.expected = expected;
  }
}

function describe(problems: readonly PolicyProblem[]): string {
  const count =
    problems.length === 1 ? 'The policy has a problem:' : `The policy has ${problems.length} problems:`;
  const lines = problems.slice(0, LISTED).map(formatProblem);
  const rest = problems.length - lines.length;
  if (rest > 0) lines.push(`and ${rest} more`);
  return `${count}\n${lines.join('\n')}`;
}

/**
 * A problem as the command prints it: `file:line:column: pointer: message`, and the hint on a line of its own. Parts that
 * are not known are left out.
 */
export function formatProblem(problem: PolicyProblem): string {
  const place = formatPlace(problem.file, problem.line, problem.column);
  const parts = [place, escapeControls(cut(problem.pointer, 200)), problem.message];
  const hint = problem.hint === undefined ? '' : `\n    hint: ${problem.hint}`;
  return `${parts.filter((part) => part !== '').join(': ')}${hint}`;
}

/** `file:line:column`, without what is not known. */
export function formatPlace(
  file: string | undefined,
  line: number | undefined,
  column: number | undefined,
): string {
  const parts = [file === undefined ? undefined : escapeControls(file), line, column];
  return parts.filter((part) => part !== undefined).join(':');
}
