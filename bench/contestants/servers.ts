import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const ROOT = join(import.meta.dirname, '../..');

/** An HTTP server in a process of its own. */
export class ServerProcess implements AsyncDisposable {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  /** @param args of Node.js; `PORT` stands for a free port @param path that is answered with 200 */
  static async start(args: readonly string[], path: string): Promise<ServerProcess> {
    const port = args.includes('PORT') ? await freePort() : undefined;
    const filled = args.map((arg) => (arg === 'PORT' ? `${port}` : arg));
    // A group of its own: jco's command starts the server as another process.
    const child = spawn(process.execPath, filled, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const base = port === undefined ? await announced(child) : `http://127.0.0.1:${port}/`;
    child.stdout?.resume();
    child.stderr?.resume();
    const url = new URL(path, base).href;
    await untilAnswered(child, url);
    return new ServerProcess(child, url);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { pid, exitCode } = this.#child;
    if (exitCode !== null || pid === undefined) return;
    const ended = once(this.#child, 'close');
    process.kill(-pid, 'SIGKILL');
    await ended;
  }
}

/** @returns the first URL that the process prints */
async function announced(child: ChildProcess): Promise<string> {
  let output = '';
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const [url] = /http:\/\/[^\s]+\//.exec(output) ?? [];
      if (url !== undefined) resolve(url);
    });
  }
  child.once('exit', () => reject(new Error(`the server ended: ${output}`)));
  return promise;
}

async function untilAnswered(child: ChildProcess, url: string): Promise<void> {
  for (let tries = 0; tries < 600 && child.exitCode === null; tries++) {
    const status = await fetch(url).then(
      async (response) => (await response.text(), response.status),
      () => undefined,
    );
    if (status === 200) return;
    await delay(100);
  }
  throw new Error(`${url} is not answered`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
