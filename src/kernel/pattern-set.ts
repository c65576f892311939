import { Glob } from './glob.ts';

interface Wildcard {
  readonly glob: Glob;
  readonly position: number;
}

/**
 * Patterns as one automaton, all stepped at once: bit i of the state says "the first components of its pattern, up to the
 * one at position i, have matched". A name moves each bit whose component matches it one on (the Shift-And of Baeza-Yates
 * and Gonnet, with components for characters); `**` also keeps its bit, and is passed without a name.
 */
export class PatternSet {
  /** 32-bit words that a state has. */
  readonly words: number;
  /** By component, where it stands. */
  readonly #literals = new Map<string, number[]>();
  readonly #wildcards: Wildcard[] = [];
  /** Where `*` stands, which matches every name. */
  readonly #any: Uint32Array;
  /** Where `**` stands. */
  readonly #loops: Uint32Array;
  /** After the last component. */
  readonly #ends: Uint32Array;
  /** Where `**` is the last component. */
  readonly #tails: Uint32Array;
  readonly #start: Uint32Array;
  readonly #fold: (name: string) => string;
  /** Which components match the name of this step; kept, so that a step allocates nothing. */
  readonly #hits: Uint32Array;

  /**
   * @param patterns in their normal form: `**` is never followed by `*` or `**`
   * @param fold what else than itself a name is compared as
   */
  constructor(patterns: readonly string[], fold: (name: string) => string) {
    const compiled = patterns.map((pattern) => pattern.split('/'));
    const positions = compiled.reduce((sum, components) => sum + components.length + 1, 0);
    this.words = Math.ceil(positions / 32);
    this.#any = new Uint32Array(this.words);
    this.#loops = new Uint32Array(this.words);
    this.#ends = new Uint32Array(this.words);
    this.#tails = new Uint32Array(this.words);
    this.#start = new Uint32Array(this.words);
    this.#hits = new Uint32Array(this.words);
    this.#fold = fold;
    let position = 0;
    for (const components of compiled) {
      mark(this.#start, position);
      for (const component of components) this.#add(component, position++);
      if (components.at(-1) === '**') mark(this.#tails, position - 1);
      mark(this.#ends, position++);
    }
  }

  /** Puts the state of the root into the words of `into` from `offset` on. */
  start(into: Uint32Array, offset: number): void {
    into.set(this.#start, offset);
    this.#pass(into, offset);
  }

  /** @param into may be `from`; the words of the state begin at `offset` in both */
  step(from: Uint32Array, name: string, into: Uint32Array, offset: number): void {
    const { words } = this;
    const hits = this.#hits;
    const loops = this.#loops;
    this.#match(from, offset, name);
    // From the last word to the first, so that each is read before it is overwritten.
    for (let word = words - 1; word >= 0; word--) {
      const state = from[offset + word] ?? 0;
      const moved = (state & (hits[word] ?? 0)) << 1;
      const carry = word === 0 ? 0 : ((from[offset + word - 1] ?? 0) & (hits[word - 1] ?? 0)) >>> 31;
      into[offset + word] = moved | carry | (state & (loops[word] ?? 0));
    }
    this.#pass(into, offset);
  }

  /** Whether some pattern matches. */
  accepts(state: Uint32Array, offset: number): boolean {
    return meets(state, offset, this.#ends);
  }

  /** Whether some pattern matches here and everywhere below. */
  acceptsAll(state: Uint32Array, offset: number): boolean {
    return meets(state, offset, this.#tails);
  }

  /** Whether some pattern could still match, here or below. */
  isLive(state: Uint32Array, offset: number): boolean {
    for (let word = 0; word < this.words; word++) if (state[offset + word] !== 0) return true;
    return false;
  }

  #add(component: string, position: number): void {
    if (component === '**') mark(this.#loops, position);
    else if (component === '*') mark(this.#any, position);
    else {
      this.#addForm(component, position);
      const folded = this.#fold(component);
      if (folded !== component) this.#addForm(folded, position);
    }
  }

  #addForm(component: string, position: number): void {
    if (component.includes('*')) {
      this.#wildcards.push({ glob: new Glob(component), position });
      return;
    }
    const known = this.#literals.get(component);
    if (known === undefined) this.#literals.set(component, [position]);
    else known.push(position);
  }

  #match(from: Uint32Array, offset: number, name: string): void {
    const hits = this.#hits;
    for (let word = 0; word < hits.length; word++) hits[word] = this.#any[word] ?? 0;
    const folded = this.#fold(name);
    this.#matchForm(from, offset, folded);
    // Whatever folding does to a piece of a pattern: what matches as it is, matches.
    if (folded !== name) this.#matchForm(from, offset, name);
  }

  #matchForm(from: Uint32Array, offset: number, name: string): void {
    const hits = this.#hits;
    const positions = this.#literals.get(name);
    if (positions !== undefined) {
      for (let i = 0; i < positions.length; i++) mark(hits, positions[i] ?? 0);
    }
    const wildcards = this.#wildcards;
    for (let i = 0; i < wildcards.length; i++) {
      const { glob, position } = wildcards[i] as Wildcard;
      const isActive = ((from[offset + (position >>> 5)] ?? 0) & (1 << (position & 31))) !== 0;
      if (isActive && glob.matches(name)) mark(hits, position);
    }
  }

  /** What stands before a `**` also stands after it. */
  #pass(state: Uint32Array, offset: number): void {
    let carry = 0;
    for (let word = 0; word < this.words; word++) {
      const entered = (state[offset + word] ?? 0) | carry;
      const passed = entered & (this.#loops[word] ?? 0);
      state[offset + word] = entered | (passed << 1);
      carry = passed >>> 31;
    }
  }
}

function mark(words: Uint32Array, position: number): void {
  const word = position >>> 5;
  words[word] = (words[word] ?? 0) | (1 << (position & 31));
}

function meets(state: Uint32Array, offset: number, mask: Uint32Array): boolean {
  for (let word = 0; word < mask.length; word++) {
    if (((state[offset + word] ?? 0) & (mask[word] ?? 0)) !== 0) return true;
  }
  return false;
}
