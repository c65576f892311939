import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import process from 'node:process';
import { type EndpointServer, startServer } from './endpoints.ts';
import { type Fixture, makeFixture } from './fixture.ts';
import { grantsFor } from './grants.ts';
import { Output } from './output.ts';
import type { RequestStep, Script, Step } from './script.ts';
import type { Setting } from './setting.ts';
import type { TestCase } from './suite.ts';

/** No step of the suite takes a second; a program starts in less than ten on a busy machine. */
const STEP_TIMEOUT_MS = 20_000;

/** @returns what is wrong, in lines; nothing when every step went as the script says */
export async function perform(test: TestCase, script: Script, setting: Setting): Promise<string[]> {
  await using resources = new AsyncDisposableStack();
  const servers: EndpointServer[] = [];
  for (const server of script.servers) servers.push(resources.use(await startServer(server)));
  const fixture = resources.use(await makeFixture(test, script.run.root, setting));
  const args = commandLine(test, script, { servers, fixture, setting });
  await using performance = new Performance(setting.command, args);
  for (const step of script.steps) {
    const fault = await performance.step(step).catch((error: unknown) => describeError(error));
    if (fault !== undefined) return [`${step.type}: ${fault}`, ...performance.lastWords()];
  }
  return [];
}

interface Surroundings {
  readonly servers: readonly EndpointServer[];
  readonly fixture: Fixture;
  readonly setting: Setting;
}

function commandLine(test: TestCase, script: Script, { servers, fixture, setting }: Surroundings): string[] {
  const mode = setting.volume === 'host' ? '' : `::${setting.volume}`;
  const env = {
    ...script.run.env,
    ...Object.fromEntries(
      servers.map(({ name, authority }) => [`HTTP_SERVER_${name.toUpperCase()}`, authority]),
    ),
  };
  return [
    ...(script.world === 'wasi:cli/command' ? ['run'] : ['serve', '--addr', '127.0.0.1:0']),
    ...(fixture.root === undefined ? [] : ['--dir', `${fixture.root}::/${mode}`]),
    ...Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    ...grantsFor(test.name, script.servers, servers),
    fixture.program,
    ...script.run.args,
  ];
}

/** A command at work, and who talks to it. Each step gives what is wrong, or undefined. */
class Performance implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #stdout: Output;
  readonly #stderr: Output;
  readonly #closed: Promise<unknown>;
  readonly #sockets = new Map<string, Socket>();
  #url: string | undefined;

  constructor(command: string, args: readonly string[]) {
    this.#child = spawn(process.execPath, [command, ...args]);
    this.#child.stdin.on('error', () => undefined);
    this.#stdout = new Output(this.#child.stdout);
    this.#stderr = new Output(this.#child.stderr);
    this.#closed = once(this.#child, 'close');
  }

  async step(step: Step): Promise<string | undefined> {
    const signal = AbortSignal.timeout(STEP_TIMEOUT_MS);
    switch (step.type) {
      case 'read': {
        const output = step.id === 'stdout' ? this.#stdout : this.#stderr;
        return differs(step.id, await output.take(step.payload.length, signal), step.payload);
      }
      case 'write':
        this.#child.stdin.write(step.payload);
        return undefined;
      case 'connect':
        return this.#connect(step.id, signal);
      case 'send':
        this.#socket(step.id).write(step.payload);
        return undefined;
      case 'recv':
        return differs(step.id, await receive(this.#socket(step.id), step.payload, signal), step.payload);
      case 'request':
        return this.#request(step, signal);
      case 'kill':
        this.#child.kill(step.signal);
        return undefined;
      case 'wait':
        return this.#wait(step.exitCode, signal);
    }
  }

  async #connect(id: string, signal: AbortSignal): Promise<string | undefined> {
    const line = await this.#stdout.line(signal);
    const [, host, port] = /^([^:]+):(\d+)\n$/.exec(line) ?? [];
    if (host === undefined || port === undefined) return `expected HOST:PORT, found ${JSON.stringify(line)}`;
    const socket = connect({ host, port: Number(port) });
    this.#sockets.set(id, socket);
    await once(socket, 'connect', { signal });
    return undefined;
  }

  #socket(id: string): Socket {
    const socket = this.#sockets.get(id);
    if (socket === undefined) throw new Error(`no connection ${JSON.stringify(id)}`);
    return socket;
  }

  /** @returns what `bailiwick serve` says first */
  async #server(signal: AbortSignal): Promise<string> {
    this.#url ??= /http:\/\/\S+/.exec(await this.#stderr.line(signal))?.[0];
    if (this.#url === undefined) throw new Error('it does not say where it serves');
    return this.#url;
  }

  async #request(step: RequestStep, signal: AbortSignal): Promise<string | undefined> {
    const { method, headers, body, response: expected } = step;
    const url = new URL(step.path, await this.#server(signal));
    const init = { method, headers, redirect: 'manual', signal } as const;
    const response = await fetch(url, body === '' ? init : { ...init, body });
    if (response.status !== expected.status) return `status ${response.status}, expected ${expected.status}`;
    for (const [name, value] of Object.entries(expected.headers)) {
      const fault = differs(name, response.headers.get(name) ?? '', value);
      if (fault !== undefined) return fault;
    }
    return differs('the body', await response.text(), expected.body);
  }

  async #wait(exitCode: number, signal: AbortSignal): Promise<string | undefined> {
    this.#child.stdin.end();
    const aborted = once(signal, 'abort');
    await Promise.race([this.#closed, aborted]);
    if (signal.aborted) return 'did not end in time';
    const found = this.#child.exitCode;
    return found === exitCode ? undefined : `exit code ${found ?? 'none'}, expected ${exitCode}`;
  }

  /** Programs of the suite tell on standard error where they stopped. */
  lastWords(): string[] {
    const lines = this.#stderr.all.split('\n').filter((line) => line.trim() !== '');
    return lines.slice(0, 6);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets.values()) socket.destroy();
    this.#child.kill('SIGKILL');
    await this.#closed;
  }
}

function differs(what: string, found: string, expected: string): string | undefined {
  return found === expected
    ? undefined
    : `${what} ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`;
}

async function receive(socket: Socket, expected: string, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  while (length < Buffer.byteLength(expected)) {
    const [chunk] = (await Promise.race([
      once(socket, 'data', { signal }),
      once(socket, 'end', { signal }),
    ])) as [Buffer?];
    if (chunk === undefined) break;
    chunks.push(chunk);
    length += chunk.length;
  }
  return Buffer.concat(chunks).toString();
}

function describeError(error: unknown): string {
  const { name, message, cause } = error as Error;
  if (name === 'AbortError' || name === 'TimeoutError') return 'did not happen in time';
  return `${message}${cause instanceof Error ? `: ${cause.message}` : ''}`;
}
