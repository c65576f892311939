import { compileComponent, type ComponentPattern } from './component-pattern.ts';
import { foldName } from './fold-name.ts';

/** Where a path stands among the patterns of a rule: a set of positions in them, as bits. */
export type PathState = Uint32Array;

/** `**`: any number of components, also none. */
const ANY_DEPTH = '**';

/**
 * The `paths` and `except` of a filesystem rule, compiled. A walk goes component by component from {@link root}; each
 * step looks at the positions that the walk has come to, so that a path takes time linear in its length.
 *
 * `except` is compared in a folded form: a file system that ignores case or normalises Unicode takes an alias for the
 * denied name itself (Deno CVE-2026-49401).
 */
export class PathMatcher {
  /** Of the mount's own directory. */
  readonly root: PathState;
  /** What each position waits for; undefined at the end of a pattern. */
  readonly #components: (ComponentPattern | typeof ANY_DEPTH | undefined)[] = [];
  /** From here on positions are those of `except`. */
  readonly #exceptFrom: number;
  readonly #pathsMask: PathState;
  readonly #exceptMask: PathState;
  /** Ends of patterns, and the `**` that end one: everything below matches as well. */
  readonly #ends: PathState;
  readonly #endless: PathState;
  readonly #next: PathState;
  /** Every position that can be reached without a component, from each. */
  readonly #closures: PathState[];

  /** @returns undefined when there is nothing to match: everything is granted */
  static compile(
    paths: readonly string[] | undefined,
    except: readonly string[] | undefined,
  ): PathMatcher | undefined {
    return paths === undefined && except === undefined
      ? undefined
      : new PathMatcher(paths ?? [ANY_DEPTH], except ?? []);
  }

  private constructor(paths: readonly string[], except: readonly string[]) {
    const starts = paths.map((pattern) => this.#add(pattern));
    this.#exceptFrom = this.#components.length;
    starts.push(...except.map((pattern) => this.#add(foldPattern(pattern))));
    const isExcept = (at: number): boolean => at >= this.#exceptFrom;
    this.#pathsMask = this.#where((at) => !isExcept(at));
    this.#exceptMask = this.#where(isExcept);
    this.#ends = this.#where((at) => this.#components[at] === undefined);
    this.#endless = this.#where((at) => this.#components[at] === ANY_DEPTH && has(this.#ends, at + 1));
    this.#next = this.newState();
    this.#closures = this.#components.map((_, at) => this.#closureOf(at));
    this.root = this.newState();
    for (const start of starts) addAll(this.root, this.#closures[start] as PathState);
  }

  newState(): PathState {
    return new Uint32Array((this.#components.length + 31) >> 5);
  }

  /** Takes the step from a directory to `name` in it. `into` may be `from`. */
  step(from: PathState, name: string, into: PathState): void {
    const next = this.#next.fill(0);
    let folded: string | undefined;
    for (let word = 0; word < from.length; word++) {
      for (let bits = from[word] as number; bits !== 0; bits &= bits - 1) {
        const at = (word << 5) + 31 - Math.clz32(bits & -bits);
        const component = this.#components[at];
        if (component === undefined) continue;
        if (component === ANY_DEPTH) addAll(next, this.#closures[at] as PathState);
        else if (component.matches(at < this.#exceptFrom ? name : (folded ??= foldName(name))))
          addAll(next, this.#closures[at + 1] as PathState);
      }
    }
    into.set(next);
  }

  /** Whether the path itself is granted: one of `paths` matches and none of `except` does. */
  grants(state: PathState): boolean {
    return meets(state, this.#pathsMask, this.#ends) && !meets(state, this.#exceptMask, this.#ends);
  }

  /** Whether it is granted or something below it can be: as a directory it may be passed, looked at and listed. */
  leads(state: PathState): boolean {
    return meets(state, this.#pathsMask, this.#pathsMask) && !meets(state, this.#exceptMask, this.#endless);
  }

  /** Whether it is granted with everything that can ever be below it. Never true where an `except` could match there. */
  grantsAll(state: PathState): boolean {
    return meets(state, this.#pathsMask, this.#endless) && !meets(state, this.#exceptMask, this.#exceptMask);
  }

  /** @returns the position where the pattern begins */
  #add(pattern: string): number {
    const start = this.#components.length;
    for (const component of pattern.split('/'))
      this.#components.push(component === ANY_DEPTH ? ANY_DEPTH : compileComponent(component));
    this.#components.push(undefined);
    return start;
  }

  #where(test: (at: number) => boolean): PathState {
    const state = this.newState();
    for (let at = 0; at < this.#components.length; at++)
      if (test(at)) state[at >> 5] = (state[at >> 5] as number) | (1 << (at & 31));
    return state;
  }

  #closureOf(at: number): PathState {
    let end = at;
    while (this.#components[end] === ANY_DEPTH) end++;
    return this.#where((other) => other >= at && other <= end);
  }
}

function foldPattern(pattern: string): string {
  return pattern.split('/').map(foldName).join('/');
}

function has(state: PathState, at: number): boolean {
  return ((state[at >> 5] as number) & (1 << (at & 31))) !== 0;
}

function addAll(state: PathState, added: PathState): void {
  for (let word = 0; word < state.length; word++)
    state[word] = (state[word] as number) | (added[word] as number);
}

/** @returns whether the three have a position in common */
function meets(state: PathState, mask: PathState, other: PathState): boolean {
  for (let word = 0; word < state.length; word++)
    if (((state[word] as number) & (mask[word] as number) & (other[word] as number)) !== 0) return true;
  return false;
}
