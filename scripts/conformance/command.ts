import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import type { Readable } from 'node:stream';

/** No test of the suite takes a second. */
const TIMEOUT_MS = 60_000;

/** No test of the suite prints more than a few lines. */
const MAX_OUTPUT = 1 << 20;

export interface Ended {
  /** Null when a signal ended the command. */
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `bailiwick run` in a process of its own, with an empty standard input. */
export async function bailiwickRun(command: string, args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [command, 'run', ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
  }, TIMEOUT_MS);
  child.stdin.on('error', () => undefined).end();
  const [stdout, stderr, [exitCode]] = await Promise.all([
    collect(child.stdout),
    collect(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  clearTimeout(timer);
  return { exitCode, timedOut, stdout, stderr };
}

/** Reads to the end, so that nobody waits for us, and keeps the start. */
async function collect(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (length < MAX_OUTPUT) chunks.push(chunk);
    length += chunk.length;
  }
  return Buffer.concat(chunks).toString();
}
