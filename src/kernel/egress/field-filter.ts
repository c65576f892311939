/** Names of header fields that a rule lets through. */
export class FieldFilter {
  readonly #names: ReadonlySet<string>;
  readonly #prefixes: readonly string[];
  /** What being among them means. */
  readonly #listed: boolean;

  /** @param patterns lower-case names; one that ends in `*` stands for all that begin so */
  constructor(patterns: readonly string[], listed: boolean) {
    this.#names = new Set(patterns.filter((pattern) => !pattern.endsWith('*')));
    this.#prefixes = patterns
      .filter((pattern) => pattern.endsWith('*'))
      .map((pattern) => pattern.slice(0, -1));
    this.#listed = listed;
  }

  /** @returns undefined when there is nothing to filter */
  static compile(
    filter: { readonly allow?: readonly string[]; readonly deny?: readonly string[] } | undefined,
  ): FieldFilter | undefined {
    if (filter?.allow !== undefined) return new FieldFilter(filter.allow, true);
    return filter?.deny && new FieldFilter(filter.deny, false);
  }

  /** @param name lower-case */
  allows(name: string): boolean {
    const found = this.#names.has(name) || this.#prefixes.some((prefix) => name.startsWith(prefix));
    return found === this.#listed;
  }
}
