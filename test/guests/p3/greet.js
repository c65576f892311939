// Greets whoever the arguments name, after a wait: the smallest JavaScript of WASI 0.3.
import { getArguments } from 'wasi:cli/environment@0.3.0';
import { waitFor } from 'wasi:clocks/monotonic-clock@0.3.0';

export const run = {
  async run() {
    await waitFor(1_000_000);
    for (const name of getArguments().slice(1)) console.log(`hello ${name}`);
  },
};
