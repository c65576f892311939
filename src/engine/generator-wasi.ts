/**
 * The WASI host of jco's generator: no files, no variables, no arguments, no clock, closed standard input. A component is
 * untrusted from its first byte, and the generator reads all of them; a bug in it must not become a way to the machine.
 * What it writes to standard error (a panic message) is kept, so that the error we throw can quote it.
 */

/** Enough for a panic message with its location; the rest is dropped. */
const MAX_MESSAGE_BYTES = 8192;

/** wasi:random/random: what one call may ask for. The generator seeds hash maps with 16 bytes. */
const MAX_RANDOM_BYTES = 65_536n;

/** jco's glue takes what WIT calls the error of a result from the property `payload`. */
class ClosedError extends Error {
  readonly payload = { tag: 'closed' } as const;
}

interface GeneratorWasi {
  readonly host: object;
  /** What was written to standard output and standard error, cut to 8 KiB. */
  readonly message: () => string;
}

class InputStream {
  read(_length: bigint): Uint8Array {
    throw new ClosedError();
  }

  blockingRead(_length: bigint): Uint8Array {
    throw new ClosedError();
  }
}

class OutputStream {
  readonly #write: (bytes: Uint8Array) => void;

  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write;
  }

  checkWrite(): bigint {
    return 4096n;
  }

  write(bytes: Uint8Array): void {
    this.#write(bytes);
  }

  blockingWriteAndFlush(bytes: Uint8Array): void {
    this.#write(bytes);
  }

  blockingFlush(): void {}
}

// The glue tests resources against these classes; none of them is ever made, because there is nothing to open.
class Descriptor {}
class DirectoryEntryStream {}
class StreamError {}
class TerminalInput {}
class TerminalOutput {}

/** @internal One host per generator instance, so that two instances share nothing. */
export function generatorWasi(): GeneratorWasi {
  const chunks: Uint8Array[] = [];
  let room = MAX_MESSAGE_BYTES;
  const keep = (bytes: Uint8Array): void => {
    if (room <= 0) return;
    chunks.push(bytes.slice(0, room));
    room -= bytes.length;
  };
  const absent = (): undefined => undefined;
  const host = {
    cli: {
      environment: { getEnvironment: (): [] => [] },
      exit: { exit: refuseExit },
      stdin: { getStdin: () => new InputStream() },
      stdout: { getStdout: () => new OutputStream(keep) },
      stderr: { getStderr: () => new OutputStream(keep) },
      terminalInput: { TerminalInput },
      terminalOutput: { TerminalOutput },
      terminalStdin: { getTerminalStdin: absent },
      terminalStdout: { getTerminalStdout: absent },
      terminalStderr: { getTerminalStderr: absent },
    },
    filesystem: {
      preopens: { getDirectories: (): [] => [] },
      types: { Descriptor, DirectoryEntryStream, filesystemErrorCode: absent },
    },
    io: { error: { Error: StreamError }, streams: { InputStream, OutputStream } },
    random: { random: { getRandomBytes } },
  };
  return { host, message: () => Buffer.concat(chunks).toString('utf8').trim() };
}

function refuseExit(): never {
  throw new Error('the generator tried to exit');
}

/**
 * Real randomness, although the output does not depend on it: with known hash seeds, a component could choose its names so
 * that they all collide.
 */
function getRandomBytes(length: bigint): Uint8Array {
  if (length > MAX_RANDOM_BYTES) throw new RangeError('too many random bytes');
  return crypto.getRandomValues(new Uint8Array(Number(length)));
}
