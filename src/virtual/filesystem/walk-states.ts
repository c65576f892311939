import type { PathMatcher, PathState } from '../../kernel/path-matcher.ts';

const NO_STATE: PathState = new Uint32Array(0);

/**
 * Where a walk stands among the patterns of a rule: the state of each directory that it went through, and of the last
 * name. Arrays are kept from walk to walk, so that a step allocates nothing.
 */
export class WalkStates {
  readonly #levels: PathState[] = [];
  #paths: PathMatcher | undefined;
  #base: PathState = NO_STATE;
  #level = 0;
  lastName: PathState = NO_STATE;

  /** @param base of the directory that the walk starts in; undefined where there are no patterns */
  start(paths: PathMatcher | undefined, base: PathState | undefined): void {
    this.#paths = paths;
    this.#base = base ?? NO_STATE;
    this.#level = 0;
  }

  /** Of the directory that the walk is in. */
  get directory(): PathState {
    return this.#level === 0 ? this.#base : (this.#levels[this.#level - 1] as PathState);
  }

  /** Goes into `name`. @returns its state */
  enter(name: string): PathState {
    const paths = this.#paths as PathMatcher;
    const into = fitting(paths, this.#levels[this.#level]);
    paths.step(this.directory, name, into);
    this.#levels[this.#level++] = into;
    return into;
  }

  leave(): void {
    if (this.#level > 0) this.#level--;
  }

  /** @returns the state of a last name in the directory that the walk is in */
  name(name: string): PathState {
    const paths = this.#paths as PathMatcher;
    this.lastName = fitting(paths, this.lastName);
    paths.step(this.directory, name, this.lastName);
    return this.lastName;
  }
}

/** Mounts have patterns of different sizes. */
function fitting(paths: PathMatcher, known: PathState | undefined): PathState {
  return known?.length === paths.root.length ? known : paths.newState();
}
