import type { Path, Report } from './source.ts';
import { quote } from './text.ts';

/** Components of one pattern, but for a `**` at its end; deeper ones would only make matching slow. */
const MAX_COMPONENTS = 64;

/** Characters of one pattern, so that the schema's bound also holds when `**` is added to it. */
const MAX_LENGTH = 4000;

/**
 * Reads `paths` of a filesystem rule.
 *
 * @returns sorted patterns without duplicates; undefined when they leave nothing out
 */
export function readPaths(patterns: unknown, path: Path, report: Report): readonly string[] | undefined {
  const read = readPatterns(patterns, path, report, normalPattern);
  return read?.includes('**') === true ? undefined : read;
}

/** Reads `except` of a filesystem rule. @returns sorted patterns without duplicates, each of which ends in `**` */
export function readExcept(patterns: unknown, path: Path, report: Report): readonly string[] | undefined {
  return readPatterns(patterns, path, report, (pattern) => normalPattern(`${pattern}/**`));
}

function readPatterns(
  patterns: unknown,
  path: Path,
  report: Report,
  normal: (pattern: string) => string,
): readonly string[] | undefined {
  if (!Array.isArray(patterns)) return undefined;
  const read = new Set<string>();
  patterns.forEach((pattern: unknown, index) => {
    if (typeof pattern !== 'string') return;
    const fault = patternFault(pattern);
    if (fault === undefined) read.add(normal(pattern));
    else report({ path: [...path, index], what: 'wrong pattern', found: quote(pattern), ...fault });
  });
  return Object.freeze([...read].toSorted());
}

/**
 * One form for patterns that mean the same: of `*` and `**` side by side, whose order means nothing, `**` comes last, and
 * once. `**` is then followed by a name, or it ends the pattern and covers whatever is below.
 */
export function normalPattern(pattern: string): string {
  const normal: string[] = [];
  let deep = false;
  for (const component of pattern.split('/')) {
    if (component === '**') {
      deep = true;
      continue;
    }
    if (deep && component !== '*') {
      normal.push('**');
      deep = false;
    }
    normal.push(component);
  }
  if (deep) normal.push('**');
  return normal.join('/');
}

function patternFault(pattern: string): { expected: string; hint?: string } | undefined {
  if (pattern.startsWith('/')) return withHint('a pattern relative to the mount', pattern.slice(1));
  if (pattern.endsWith('/'))
    return withHint('a pattern that does not end in `/`', `${pattern.slice(0, -1)}/**`);
  const components = pattern.split('/');
  if (components.includes('')) return { expected: 'a pattern without empty components' };
  if (components.includes('.') || components.includes('..'))
    return { expected: 'a pattern without `.` and `..`' };
  const mixed = components.find((component) => component !== '**' && component.includes('**'));
  if (mixed !== undefined)
    return withHint(
      '`**` only as a whole component',
      pattern.replace(mixed, () => mixed.replaceAll(/\*+/g, '*')),
    );
  const end = components.at(-1) === '**' ? 1 : 0;
  if (components.length - end > MAX_COMPONENTS) return { expected: `at most ${MAX_COMPONENTS} components` };
  return pattern.length - end * 3 > MAX_LENGTH ? { expected: `at most ${MAX_LENGTH} characters` } : undefined;
}

function withHint(expected: string, meant: string): { expected: string; hint?: string } {
  return meant === '' || meant === '/**' ? { expected } : { expected, hint: `did you mean ${quote(meant)}?` };
}
