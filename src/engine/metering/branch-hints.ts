import { ByteWriter } from './byte-writer.ts';

const NAME = 'metadata.code.branch_hint';

/**
 * Tells V8 which branches are hardly ever taken, so that it keeps their calls out of the way of its registers:
 * https://webassembly.github.io/branch-hinting/core/appendix/custom.html
 */
export class BranchHints {
  readonly #functions = new ByteWriter(1 << 12);
  readonly #hints = new ByteWriter(256);
  #functionCount = 0;
  #count = 0;

  /** The branch at `offset`, from where the declarations of locals begin. */
  unlikely(offset: number): void {
    this.#count++;
    this.#hints.unsigned(offset);
    this.#hints.two(1, 0);
  }

  /** What was told since the last one belongs to this function. They come in their order. */
  endFunction(index: number): void {
    if (this.#count === 0) return;
    this.#functions.unsigned(index);
    this.#functions.unsigned(this.#count);
    this.#functions.all(this.#hints.written);
    this.#functionCount++;
    this.#count = 0;
    this.#hints.clear();
  }

  /** Writes the section, which has its place in front of the code. */
  write(out: ByteWriter): void {
    if (this.#functionCount === 0) return;
    const content = new ByteWriter(this.#functions.length + 64);
    content.unsigned(NAME.length);
    content.all(new TextEncoder().encode(NAME));
    content.unsigned(this.#functionCount);
    content.all(this.#functions.written);
    out.byte(0);
    out.unsigned(content.length);
    out.all(content.written);
  }
}
