/** Makes broken inputs out of good ones, the same for the same seed. */
export class Mutator {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 1;
  }

  /** One to eight changes: a byte flipped, set, doubled or dropped, a piece moved, the end cut off. */
  mutate(input: Uint8Array): Uint8Array {
    let bytes = [...input];
    for (let changes = 1 + this.#below(8); changes > 0; changes--) bytes = this.#change(bytes);
    return Uint8Array.from(bytes);
  }

  #change(bytes: number[]): number[] {
    const at = this.#below(bytes.length + 1);
    switch (this.#below(6)) {
      case 0:
        return bytes.toSpliced(at, 1, this.#below(256));
      case 1:
        return bytes.toSpliced(at, 1);
      case 2:
        return bytes.toSpliced(at, 0, ...bytes.slice(at, at + this.#below(32)));
      case 3:
        return bytes.toSpliced(at, 0, this.#below(256));
      case 4:
        return bytes.toSpliced(at, this.#below(16));
      default:
        return bytes.slice(0, at);
    }
  }

  /** xorshift32 (Marsaglia 2003). */
  #below(bound: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return bound === 0 ? 0 : (x >>> 0) % bound;
  }
}
