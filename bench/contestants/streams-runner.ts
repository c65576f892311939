import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, ftruncateSync, openSync } from 'node:fs';
import { join } from 'node:path';

type Answer = { readonly nanoseconds: number } | { readonly error: string };

/** A process that runs bench/guests/streams.c. Its standard output is a file in memory. */
export class StreamsRunner implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #stdout: number;

  private constructor(child: ChildProcess, stdout: number) {
    this.#child = child;
    this.#stdout = stdout;
  }

  /** @param contestant see streams-process.ts @param directory an empty one in memory */
  static async start(contestant: string, component: string, directory: string): Promise<StreamsRunner> {
    // Appending, so that a truncation takes the offset back to the start as well.
    const stdout = openSync(join(directory, 'stdout'), 'a');
    const child = fork(join(import.meta.dirname, 'streams-process.ts'), [contestant, component, directory], {
      stdio: ['ignore', stdout, 'inherit', 'ipc'],
    });
    const runner = new StreamsRunner(child, stdout);
    await runner.#answer();
    return runner;
  }

  /** @returns nanoseconds @throws when the guest failed, or wrote something else than `stdoutBytes` */
  async run(args: readonly string[], stdoutBytes: number): Promise<number> {
    ftruncateSync(this.#stdout);
    this.#child.send(args);
    const nanoseconds = await this.#answer();
    const { size } = fstatSync(this.#stdout);
    if (size !== stdoutBytes) throw new Error(`${args.join(' ')}: ${size} bytes on standard output`);
    return nanoseconds;
  }

  async #answer(): Promise<number> {
    const ended = new AbortController();
    const exited = once(this.#child, 'exit', { signal: ended.signal }).then(() => {
      throw new Error('the process of a contestant ended');
    });
    const [answer] = (await Promise.race([once(this.#child, 'message'), exited])) as [Answer];
    exited.catch(() => undefined);
    ended.abort();
    if ('error' in answer) throw new Error(answer.error);
    return answer.nanoseconds;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
    closeSync(this.#stdout);
  }
}
