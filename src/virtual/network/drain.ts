import type { Pipe } from '../io/pipe.ts';

/** Takes what is written and what will be, for nobody; the writer notices nothing. */
export async function drain(pipe: Pipe): Promise<void> {
  while (!pipe.ended && !pipe.readerGone) {
    while (pipe.held > 0) pipe.shift();
    await pipe.changed();
  }
}
