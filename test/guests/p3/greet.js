// Greets whoever the arguments name, after a wait: the smallest JavaScript of WASI 0.3, which prints through 0.2.
import { getArguments } from 'wasi:cli/environment@0.3.0';
import { getStdout } from 'wasi:cli/stdout@0.2.12';
import { waitFor } from 'wasi:clocks/monotonic-clock@0.3.0';

export const run = {
  async run() {
    await waitFor(1_000_000);
    const lines = getArguments()
      .slice(1)
      .map((name) => `hello ${name}\n`)
      .join('');
    getStdout().blockingWriteAndFlush(Uint8Array.from(lines, (letter) => letter.charCodeAt(0)));
  },
};
