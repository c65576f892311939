import { hasAt } from './has-at.ts';

/** What stands before the first component of a path. */
const FIRST = 1;

const PERCENT = 0x25;

/**
 * A path pattern of an `http` rule, taken apart ahead. Asking it allocates nothing and tries nothing twice: between two `**`
 * stands a fixed number of components, whose leftmost place leaves the most to those after it.
 *
 * An encoded slash or backslash is matched by itself alone. No `*` and no `**` covers one, because servers that decode it see
 * other components: `/public/..%2Fadmin` is `/admin` to them.
 */
export class UrlPathMatcher {
  /** What is before, between and after the `**`. */
  readonly #groups: readonly (readonly ComponentMatcher[])[];
  /** What every path of the pattern begins with: up to the first `*`, or the slash before a `**`, which may be left out. */
  readonly prefix: string;

  /** @param pattern in normal form */
  constructor(pattern: string) {
    const groups: ComponentMatcher[][] = [[]];
    for (const component of pattern.slice(FIRST).split('/')) {
      if (component === '**') groups.push([]);
      else groups.at(-1)?.push(new ComponentMatcher(component));
    }
    this.#groups = groups;
    this.prefix = pattern.replace(/\/?\*.*$/s, '');
  }

  /** @param path in normal form */
  matches(path: string): boolean {
    if (!hasAt(path, this.prefix, 0)) return false;
    const groups = this.#groups;
    const last = groups.length - 1;
    const end = path.length + 1;
    const percent = path.indexOf('%');
    const escape = percent < 0 ? path.length : percent;
    let at = matchGroup(groups[0] as Group, path, FIRST, escape);
    if (at < 0 || last === 0) return at === end;
    const tail = startOfLast(path, (groups[last] as Group).length);
    if (tail < at || matchGroup(groups[last] as Group, path, tail, escape) !== end) return false;
    for (let index = 1; index < last; index++) {
      at = findGroup(groups[index] as Group, path, at, tail, escape);
      if (at < 0) return false;
    }
    return countEncodedSlashes(path, at, tail, escape) === 0;
  }
}

type Group = readonly ComponentMatcher[];

/** @returns where the component after the group begins, one past the end of the path after the last one; -1 for no match */
function matchGroup(group: Group, path: string, start: number, escape: number): number {
  let at = start;
  for (let index = 0; index < group.length; index++) {
    if (at > path.length) return -1;
    const end = endOfComponent(path, at);
    if (!(group[index] as ComponentMatcher).matches(path, at, end, escape)) return -1;
    at = end + 1;
  }
  return at;
}

/** The leftmost place of a group between two `**`. @returns like {@link matchGroup} */
function findGroup(group: Group, path: string, start: number, tail: number, escape: number): number {
  for (let at = start; at < tail;) {
    const after = matchGroup(group, path, at, escape);
    if (after >= 0) return after <= tail ? after : -1;
    const end = endOfComponent(path, at);
    if (countEncodedSlashes(path, at, end, escape) > 0) return -1;
    at = end + 1;
  }
  return -1;
}

function endOfComponent(path: string, at: number): number {
  const slash = path.indexOf('/', at);
  return slash < 0 ? path.length : slash;
}

/** @returns where the last `count` components begin; -1 when there are fewer */
function startOfLast(path: string, count: number): number {
  let at = path.length + 1;
  for (let index = 0; index < count; index++) {
    if (at <= FIRST) return -1;
    // What lies before `at` is a slash, or the end.
    at = path.lastIndexOf('/', at - 2) + 1;
  }
  return at;
}

/** @param escape where the first `%` is, before which there is nothing to look at */
function countEncodedSlashes(text: string, start: number, end: number, escape: number): number {
  let count = 0;
  // Not by `indexOf`, which would go on to the end of the path for every component.
  for (let at = Math.max(start, escape); at < end; at++) {
    if (text.charCodeAt(at) === PERCENT && (hasAt(text, '2F', at + 1) || hasAt(text, '5C', at + 1))) count++;
  }
  return count;
}

/** One component of a pattern, asked of a part of a path. */
class ComponentMatcher {
  readonly #start: string;
  /** After the last `*`; undefined when there is none. */
  readonly #end: string | undefined;
  readonly #middle: readonly string[];
  readonly #length: number;
  /** Encoded slashes in the pattern: with more, a `*` would have to cover one. */
  readonly #slashes: number;

  constructor(component: string) {
    const [start = '', ...others] = component.split('*');
    this.#start = start;
    this.#end = others.pop();
    this.#middle = others.filter((piece) => piece !== '');
    this.#length = component.replaceAll('*', '').length;
    this.#slashes = countEncodedSlashes(component, 0, component.length, 0);
  }

  matches(path: string, start: number, end: number, escape: number): boolean {
    const tail = this.#end;
    if (tail === undefined) return end - start === this.#length && hasAt(path, this.#start, start);
    if (end - start < this.#length || !hasAt(path, this.#start, start)) return false;
    const last = end - tail.length;
    if (!hasAt(path, tail, last)) return false;
    let at = start + this.#start.length;
    for (let index = 0; index < this.#middle.length; index++) {
      const piece = this.#middle[index] as string;
      while (at + piece.length <= last && !hasAt(path, piece, at)) at++;
      at += piece.length;
      if (at > last) return false;
    }
    return countEncodedSlashes(path, start, end, escape) === this.#slashes;
  }
}
