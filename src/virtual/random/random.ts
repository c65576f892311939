/** Random bytes as a guest sees them. */
export interface Random {
  /** Fills with the bytes of wasi:random/random. @returns false when the policy grants no randomness (on record). */
  fill(target: Uint8Array, offset: number, length: number): boolean;
  /** wasi:random/insecure: the granted source, or a fixed, documented stream where there is none. Never fails. */
  fillInsecure(target: Uint8Array, offset: number, length: number): void;
}

/** Largest number of random bytes per call, as in Wasmtime. */
export const MAX_RANDOM_BYTES = 67_108_864;
