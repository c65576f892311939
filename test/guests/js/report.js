// What a JavaScript program sees of its host: one `name=value` a line, as the C guests print.
//
// Arguments after the program's name are paths below the first preopen: each is read, and its text printed.
import { getArguments, getEnvironment } from 'wasi:cli/environment@0.2.12';
import { getStdout } from 'wasi:cli/stdout@0.2.12';
import { now } from 'wasi:clocks/wall-clock@0.2.12';
import { getDirectories } from 'wasi:filesystem/preopens@0.2.12';
import { getRandomBytes } from 'wasi:random/random@0.2.12';

// Taken when the program runs: the top level runs at build time, and a handle of that time means nothing later.
let out;

function print(name, value) {
  // No TextEncoder here; the lines are ASCII.
  out.blockingWriteAndFlush(Uint8Array.from(`${name}=${value}\n`, (letter) => letter.charCodeAt(0)));
}

function attempt(name, work) {
  try {
    print(name, work());
  } catch (error) {
    print(name, `error:${error.payload ?? error}`);
  }
}

export const run = {
  run() {
    out = getStdout();
    const [, ...paths] = getArguments();
    for (const [name, value] of getEnvironment()) print(`env.${name}`, value);
    const preopens = getDirectories();
    for (const [, path] of preopens) print('preopen', path);
    attempt('wall', () => now().seconds > 0n);
    attempt('random', () => getRandomBytes(16).length);
    for (const path of paths) {
      attempt(path, () => {
        const file = preopens[0][0].openAt({ symlinkFollow: true }, path, {}, { read: true });
        return String.fromCharCode(...file.read(4096, 0)[0]);
      });
    }
  },
};
