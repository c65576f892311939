import { once } from 'node:events';
import type { Readable } from 'node:stream';

/** What a program prints, taken piece by piece as it comes. */
export class Output {
  readonly #stream: Readable;
  #text = '';
  #taken = 0;
  #ended = false;

  constructor(stream: Readable) {
    this.#stream = stream.setEncoding('utf8');
    stream.on('data', (text: string) => (this.#text += text));
    stream.on('end', () => (this.#ended = true));
  }

  get all(): string {
    return this.#text;
  }

  /** @returns the next `length` characters, fewer at the end */
  take(length: number, signal: AbortSignal): Promise<string> {
    return this.#next((rest) => (rest.length >= length ? rest.slice(0, length) : undefined), signal);
  }

  /** @returns the next line with its end, or what is left */
  line(signal: AbortSignal): Promise<string> {
    return this.#next((rest) => /^[^\n]*\n/.exec(rest)?.[0], signal);
  }

  async #next(piece: (rest: string) => string | undefined, signal: AbortSignal): Promise<string> {
    for (;;) {
      const rest = this.#text.slice(this.#taken);
      const found = piece(rest) ?? (this.#ended ? rest : undefined);
      if (found !== undefined) {
        this.#taken += found.length;
        return found;
      }
      await Promise.race([once(this.#stream, 'data', { signal }), once(this.#stream, 'end', { signal })]);
    }
  }
}
