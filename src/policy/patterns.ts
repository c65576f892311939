import type { Path, Report } from './source.ts';
import { quote } from './text.ts';

/** Components of one pattern; deeper ones would only make matching slow. */
const MAX_COMPONENTS = 64;

/** Reads `paths` or `except` of a filesystem rule. @returns sorted patterns without duplicates */
export function readPatterns(patterns: unknown, path: Path, report: Report): readonly string[] | undefined {
  if (!Array.isArray(patterns)) return undefined;
  const read = new Set<string>();
  patterns.forEach((pattern: unknown, index) => {
    if (typeof pattern !== 'string') return;
    const fault = patternFault(pattern);
    if (fault === undefined) read.add(normalPattern(pattern));
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
    return withHint('`**` only as a whole component', pattern.replace(mixed, mixed.replaceAll(/\*+/g, '*')));
  return components.length > MAX_COMPONENTS
    ? { expected: `at most ${MAX_COMPONENTS} components` }
    : undefined;
}

function withHint(expected: string, meant: string): { expected: string; hint?: string } {
  return meant === '' || meant === '/**' ? { expected } : { expected, hint: `did you mean ${quote(meant)}?` };
}
