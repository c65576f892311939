/**
 * ChaCha20 key stream (RFC 8439, section 2.3) as a seeded generator: the same seed gives the same bytes on every
 * machine. Known-answer vectors of the RFC are in the tests. It is for reproducible runs, never for keys.
 */
export class ChaCha20Stream {
  readonly #state = new Uint32Array(16);
  readonly #block = new Uint32Array(16);
  readonly #bytes = new Uint8Array(this.#block.buffer);
  #used = 64;

  /** @param key 32 bytes; @param nonce 12 bytes, zeros by default; @param counter of the first block */
  constructor(key: Uint8Array, nonce: Uint8Array = new Uint8Array(12), counter = 0) {
    if (key.length !== 32 || nonce.length !== 12)
      throw new RangeError('ChaCha20 wants a 32-byte key and a 12-byte nonce');
    this.#state.set([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574]);
    for (let i = 0; i < 8; i++) this.#state[4 + i] = readU32(key, i * 4);
    this.#state[12] = counter;
    for (let i = 0; i < 3; i++) this.#state[13 + i] = readU32(nonce, i * 4);
  }

  fill(target: Uint8Array, offset: number, length: number): void {
    let position = offset;
    const end = offset + length;
    while (position < end) {
      if (this.#used === 64) this.#nextBlock();
      const count = Math.min(64 - this.#used, end - position);
      target.set(this.#bytes.subarray(this.#used, this.#used + count), position);
      this.#used += count;
      position += count;
    }
  }

  #nextBlock(): void {
    const x = this.#block;
    x.set(this.#state);
    for (let round = 0; round < 10; round++) {
      quarterRound(x, 0, 4, 8, 12);
      quarterRound(x, 1, 5, 9, 13);
      quarterRound(x, 2, 6, 10, 14);
      quarterRound(x, 3, 7, 11, 15);
      quarterRound(x, 0, 5, 10, 15);
      quarterRound(x, 1, 6, 11, 12);
      quarterRound(x, 2, 7, 8, 13);
      quarterRound(x, 3, 4, 9, 14);
    }
    const bytes = new DataView(x.buffer);
    // Little-endian on every machine, as the RFC writes the block.
    for (let i = 0; i < 16; i++) bytes.setUint32(i * 4, (at(x, i) + at(this.#state, i)) >>> 0, true);
    this.#used = 0;
    // 2^32 blocks are 256 GiB; the next word carries on, so that the stream does not repeat.
    this.#state[12] = (at(this.#state, 12) + 1) >>> 0;
    if (this.#state[12] === 0) this.#state[13] = (at(this.#state, 13) + 1) >>> 0;
  }
}

function quarterRound(x: Uint32Array, a: number, b: number, c: number, d: number): void {
  x[a] = at(x, a) + at(x, b);
  x[d] = rotate(at(x, d) ^ at(x, a), 16);
  x[c] = at(x, c) + at(x, d);
  x[b] = rotate(at(x, b) ^ at(x, c), 12);
  x[a] = at(x, a) + at(x, b);
  x[d] = rotate(at(x, d) ^ at(x, a), 8);
  x[c] = at(x, c) + at(x, d);
  x[b] = rotate(at(x, b) ^ at(x, c), 7);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function at(words: Uint32Array, index: number): number {
  return words[index] as number;
}

function readU32(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset, true);
}
