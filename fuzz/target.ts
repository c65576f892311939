/** Takes one mutated input; whatever it throws is a finding. */
export interface FuzzTarget {
  readonly seeds: readonly Uint8Array[];
  run(input: Uint8Array): void | Promise<void>;
}
