/** Keeps what a guest writes. */
export class ByteCollector {
  readonly #chunks: Uint8Array[] = [];

  write(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString();
  }
}
