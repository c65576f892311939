import type { WriteStream } from 'node:tty';

/** Says how far it is: on a terminal in one line that is written over, elsewhere a few times in all. */
export class Progress {
  readonly #stream: WriteStream;
  readonly #total: number;
  #done = 0;
  #failed = 0;

  constructor(stream: WriteStream, total: number) {
    this.#stream = stream;
    this.#total = total;
  }

  add(failed: boolean): void {
    this.#done++;
    if (failed) this.#failed++;
    const text = `${this.#done} of ${this.#total}${this.#failed === 0 ? '' : `, ${this.#failed} failed`}`;
    if (this.#stream.isTTY)
      this.#stream.write(`\r\u001b[K${text}${this.#done === this.#total ? '\r\u001b[K' : ''}`);
    else if (this.#isStep()) this.#stream.write(`${text}\n`);
  }

  /** Whether another tenth is done. */
  #isStep(): boolean {
    const tenths = (done: number): number => Math.floor((done * 10) / this.#total);
    return tenths(this.#done) > tenths(this.#done - 1);
  }
}
