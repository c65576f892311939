import { readFile } from 'node:fs/promises';

/** What a command reads and writes besides the program that it runs. Tests pass their own. */
export interface CliIo {
  readonly stdout: CliStream;
  readonly stderr: CliStream;
  /** @param path relative to `cwd` */
  readFile(path: string): Promise<Uint8Array>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

export interface CliStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** The process's own. */
export const processIo: CliIo = {
  stdout: process.stdout,
  stderr: process.stderr,
  readFile: (path) => readFile(path),
  env: process.env,
  cwd: process.cwd(),
};
