import { deserialize, serialize } from 'node:v8';

/** Bytes of a frame's length, which stands before it; little-endian. */
export const LENGTH_BYTES = 4;

/** @returns a value as bytes, their number first */
export function toFrame(value: unknown): Uint8Array {
  const body = serialize(value);
  const frame = new Uint8Array(LENGTH_BYTES + body.length);
  new DataView(frame.buffer).setUint32(0, body.length, true);
  frame.set(body, LENGTH_BYTES);
  return frame;
}

/** Puts frames together that come in pieces. */
export class FrameReader {
  #held: Uint8Array = new Uint8Array();

  /** @returns the values that are whole now */
  push(piece: Uint8Array): unknown[] {
    this.#held = this.#held.length === 0 ? piece : Buffer.concat([this.#held, piece]);
    const values: unknown[] = [];
    for (;;) {
      const { buffer, byteOffset, length } = this.#held;
      if (length < LENGTH_BYTES) return values;
      const end = LENGTH_BYTES + new DataView(buffer, byteOffset, length).getUint32(0, true);
      if (length < end) return values;
      values.push(deserialize(this.#held.subarray(LENGTH_BYTES, end)));
      this.#held = this.#held.subarray(end);
    }
  }
}
