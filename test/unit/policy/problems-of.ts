import { expect, test } from 'vitest';
import { normalizePolicy, parsePolicy, PolicyError } from '../../../src/policy/index.ts';
import type { PolicyOptions, PolicyProblem } from '../../../src/policy/index.ts';

/** @returns the problems of a policy that must not be valid */
export function problemsOf(policy: unknown, options?: PolicyOptions): readonly PolicyProblem[] {
  try {
    if (typeof policy === 'string') parsePolicy(policy, options);
    else normalizePolicy(policy, options);
  } catch (error) {
    if (error instanceof PolicyError) return error.problems;
    throw error;
  }
  throw new Error('the policy was accepted');
}

/** Takes the mark `¦` out of a text. */
export function marked(text: string): {
  readonly text: string;
  readonly line: number;
  readonly column: number;
} {
  const [before = '', after] = text.split('¦');
  if (after === undefined) throw new Error('no mark in the text');
  const lines = before.split(/\r\n|\r|\n/);
  return { text: before + after, line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

export interface ProblemCase {
  /** With `¦` where the problem is. */
  readonly text: string;
  readonly pointer: string;
  readonly message: RegExp;
  readonly hint?: string | RegExp;
}

/** A test for each text, which has exactly one problem. */
export function check(cases: Readonly<Record<string, ProblemCase>>): void {
  test.each(Object.entries(cases))('%s', (_, { text: source, pointer, message, hint }) => {
    const { text, line, column } = marked(source);
    const problems = problemsOf(text, { file: 'p.jsonc' });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ file: 'p.jsonc', line, column, pointer });
    expect(problems[0]?.message).toMatch(message);
    if (hint === undefined) expect(problems[0]?.hint).toBeUndefined();
    else expect(problems[0]?.hint).toMatch(hint);
  });
}
