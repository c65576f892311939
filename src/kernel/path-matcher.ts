import { normalPattern } from '../policy/patterns.ts';
import { foldName } from './fold-name.ts';
import { PatternSet } from './pattern-set.ts';

/** Where a path stands among the patterns of a rule: the state of a walk. Only the matcher it comes from can read it. */
export type PathState = Uint32Array;

/**
 * `paths` and `except` of a filesystem rule, compiled. A walk starts at {@link root} and steps once for each name, in time
 * that depends on the patterns and the name alone; nothing is ever tried again.
 *
 * `paths` compares names as they are, `except` also as {@link foldName} gives them: a file system that ignores case or
 * normalises Unicode takes an alias for the denied name itself (Deno CVE-2026-49401).
 */
export class PathMatcher {
  /** The mount's own directory. */
  readonly root: PathState;
  /** Undefined: everything is granted that `except` leaves. */
  readonly #paths: PatternSet | undefined;
  readonly #except: PatternSet | undefined;
  /** Where the words of `except` begin. */
  readonly #offset: number;
  /** The word that is 1 for the root alone. */
  readonly #rootWord: number;

  private constructor(paths: PatternSet | undefined, except: PatternSet | undefined) {
    this.#paths = paths;
    this.#except = except;
    this.#offset = paths?.words ?? 0;
    this.#rootWord = this.#offset + (except?.words ?? 0);
    this.root = this.newState();
    paths?.start(this.root, 0);
    except?.start(this.root, this.#offset);
    this.root[this.#rootWord] = 1;
  }

  /**
   * @param paths valid patterns of a policy; undefined: everything
   * @returns undefined when there is nothing to match: everything is granted
   */
  static compile(
    paths: readonly string[] | undefined,
    except: readonly string[] | undefined,
  ): PathMatcher | undefined {
    const hasExcept = except !== undefined && except.length > 0;
    if (paths === undefined && !hasExcept) return undefined;
    return new PathMatcher(
      paths === undefined ? undefined : new PatternSet(paths.map(normalPattern), asItIs),
      hasExcept ? new PatternSet(except.map(normalPattern), foldName) : undefined,
    );
  }

  newState(): PathState {
    return new Uint32Array(this.#rootWord + 1);
  }

  /**
   * From a directory to what `name` is in it. Allocates nothing, but for a name with capitals or beyond ASCII when there is
   * an `except`.
   *
   * @param name one component, neither `.` nor `..`
   * @param into gets the new state; may be `from`
   */
  step(from: PathState, name: string, into: PathState): void {
    this.#paths?.step(from, name, into, 0);
    this.#except?.step(from, name, into, this.#offset);
    into[this.#rootWord] = 0;
  }

  /** Whether the path itself is granted: a pattern of `paths` matches it, and none of `except` does. */
  grants(state: PathState): boolean {
    return (this.#paths?.accepts(state, 0) ?? true) && !(this.#except?.accepts(state, this.#offset) ?? false);
  }

  /**
   * Whether the path is granted, or something below it may be: as a directory it may be passed, looked at and listed. The
   * mount's root always is. It may be true where `except` happens to leave nothing; where it is false, nothing is granted.
   */
  leads(state: PathState): boolean {
    if (state[this.#rootWord] === 1) return true;
    return (
      (this.#paths?.isLive(state, 0) ?? true) && !(this.#except?.acceptsAll(state, this.#offset) ?? false)
    );
  }

  /**
   * Whether the path and everything below it is granted, whatever the names: what renaming or linking a directory takes. It
   * may be false where the patterns happen to cover everything; it is never true when `except` could match below.
   */
  grantsAll(state: PathState): boolean {
    return (
      (this.#paths?.acceptsAll(state, 0) ?? true) && !(this.#except?.isLive(state, this.#offset) ?? false)
    );
  }
}

function asItIs(name: string): string {
  return name;
}
