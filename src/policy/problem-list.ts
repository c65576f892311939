import { PolicyError } from './errors.ts';
import type { PolicyProblem } from './errors.ts';
import { toPointer } from './source.ts';
import type { Issue, Source } from './source.ts';

/** Problems that are kept; a text made to have more must not cost more. */
const KEPT = 1000;

/** Collects the issues of all documents of a policy, and gives them the order of the texts. */
export class ProblemList {
  readonly #sources = new Map<Source, Issue[]>();

  add(source: Source, issues: readonly Issue[]): void {
    const known = this.#sources.get(source);
    if (known === undefined) this.#sources.set(source, [...issues]);
    else known.push(...issues);
  }

  get isEmpty(): boolean {
    return this.#sources.values().every((issues) => issues.length === 0);
  }

  /** @throws PolicyError when there is a problem */
  throwIfAny(): void {
    if (this.isEmpty) return;
    const problems = this.#sources.entries().flatMap(([source, issues]) => toProblems(source, issues));
    throw new PolicyError(Object.freeze(problems.take(KEPT).toArray()));
  }
}

function toProblems(source: Source, issues: readonly Issue[]): PolicyProblem[] {
  const placed = issues.slice(0, KEPT).map((issue) => ({ issue, position: source.locate(issue) }));
  placed.sort((a, b) => (a.position?.offset ?? 0) - (b.position?.offset ?? 0));
  return placed.map(({ issue, position }) => {
    const { path, found, expected, hint } = issue;
    return Object.freeze({
      message: toMessage(issue),
      file: source.file,
      line: position?.line,
      column: position?.column,
      pointer: toPointer(path),
      found,
      expected,
      hint,
    });
  });
}

function toMessage({ what, found, expected }: Issue): string {
  const details = [
    ...(found === undefined ? [] : [`found ${found}`]),
    ...(expected === undefined ? [] : [`expected ${expected}`]),
  ];
  return details.length === 0 ? what : `${what}: ${details.join(', ')}`;
}
