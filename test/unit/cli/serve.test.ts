import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { httpGuest, watGuest } from '../../guests/index.ts';
import { parseExposition } from '../metrics/exposition.ts';

const BIN = join(import.meta.dirname, '../../../src/cli/bin.ts');

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bailiwick-serve-'));
  await writeFile(join(directory, 'server.wasm'), await httpGuest('server'));
  await writeFile(join(directory, 'library.wasm'), await watGuest('(component)'));
});
afterAll(() => rm(directory, { recursive: true }));

interface Serving {
  readonly child: ChildProcess;
  readonly ended: Promise<readonly [code: number | null, signal: string | null]>;
  err(): string;
  get(path: string): Promise<Response>;
}

function start(args: readonly string[]): Omit<Serving, 'get'> {
  const child = spawn(process.execPath, [BIN, 'serve', ...args], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let err = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (err += chunk));
  const ended = once(child, 'close') as Promise<[number | null, string | null]>;
  return { child, ended, err: () => err };
}

/** Starts the command on a port that is free, and waits for its first line. */
async function serving(args: readonly string[]): Promise<Serving> {
  const started = start(['--addr', '127.0.0.1:0', ...args]);
  await expect.poll(started.err, { timeout: 20_000 }).toContain('\n');
  const url = /^Serving HTTP on (http:\/\/127\.0\.0\.1:\d+\/)\n/.exec(started.err())?.[1];
  if (url === undefined) throw new Error(started.err());
  return { ...started, get: (path) => fetch(new URL(path, url)) };
}

async function stop({ child, ended }: Pick<Serving, 'child' | 'ended'>): Promise<void> {
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
}

test('the first line says where, and requests are answered until SIGTERM', async () => {
  const server = await serving(['--verbose', '--audit', 'audit.jsonl', '--tenant', 'acme', 'server.wasm']);
  const response = await server.get('/hello');
  expect([response.status, await response.text()]).toEqual([200, 'hello, world\n']);
  expect((await server.get('/trap')).status).toBe(500);
  await stop(server);
  const [, ...lines] = server.err().split('\n');
  expect(lines.toSorted()).toEqual([
    '',
    expect.stringMatching(/^200 GET \/hello [\d.]+ms acme$/),
    expect.stringMatching(/^500 GET \/trap [\d.]+ms acme$/),
    expect.stringMatching(/^bailiwick: server\.wasm, GET \/trap: error\[BW_INSTANCE_TRAPPED\]: /),
  ]);
  const records = (await readFile(join(directory, 'audit.jsonl'), 'utf8')).trimEnd().split('\n');
  expect(records.filter((line) => line.includes('"kind":"instance-closed"'))).toHaveLength(2);
});

test('run’s flags grant what they grant to run', async () => {
  const server = await serving(['--timeout', '300ms', '--reuse', '2', 'server.wasm']);
  expect((await server.get('/spin')).status).toBe(504);
  await stop(server);
});

test('a file of routes serves several programs, each with its policy and tenant', async () => {
  const routes = [
    { path: '/never', program: 'server.wasm', policy: 'short.jsonc', tenant: 'short' },
    { program: './server.wasm', policy: 'preset:command', tenant: 'long' },
  ];
  await writeFile(join(directory, 'routes.json'), JSON.stringify(routes));
  const short = { version: 1, clocks: { monotonic: { resolution: '1ms' } }, limits: { deadline: '200ms' } };
  await writeFile(join(directory, 'short.jsonc'), JSON.stringify(short));
  const server = await serving(['--routes', 'routes.json', '--verbose']);
  expect((await server.get('/never')).status).toBe(504);
  expect((await server.get('/sleep/300')).status).toBe(200);
  await stop(server);
  expect(server.err()).toMatch(/^504 GET \/never [\d.]+ms short$/m);
});

test('--metrics answers beside it, and nowhere else, what was used', async () => {
  const server = await serving(['--metrics', '127.0.0.1:0', '--tenant', 'acme', 'server.wasm']);
  await expect.poll(() => server.err()).toContain('metrics on');
  const url = /^Serving metrics on (http:\/\/127\.0\.0\.1:\d+\/metrics)$/m.exec(server.err())?.[1] ?? '';
  expect(await (await server.get('/hello')).text()).toBe('hello, world\n');
  expect((await server.get('/trap')).status).toBe(500);
  const response = await fetch(url);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const metrics = parseExposition(await response.text());
  const started = metrics.get('bailiwick_instances_started_total');
  expect(started?.samples).toEqual([{ labels: new Map([['tenant', 'acme']]), value: 2 }]);
  // An instance ends after its answer.
  const ends = async (): Promise<unknown> => {
    const ended = parseExposition(await (await fetch(url)).text()).get('bailiwick_instances_ended_total');
    return ended?.samples.map(({ labels, value }) => `${labels.get('outcome')} ${value}`).toSorted();
  };
  await expect.poll(ends).toEqual(['exit 1', 'trap 1']);
  expect(metrics.get('bailiwick_programs_compiled_total')?.samples).toMatchObject([{ value: 1 }]);
  expect(await (await server.get('/metrics')).text()).not.toContain('bailiwick_');
  await stop(server);
  await expect(fetch(url)).rejects.toThrow();
});

describe('the end', () => {
  test('lets a running request finish', async () => {
    const server = await serving(['server.wasm']);
    const running = server.get('/sleep/1000');
    await delay(300);
    server.child.kill('SIGINT');
    expect(await (await running).text()).toBe('hello, world\n');
    expect(await server.ended).toEqual([0, null]);
  });

  test('comes at once with the second signal', async () => {
    const server = await serving(['--grace', '1min', 'server.wasm']);
    const running = expect(server.get('/never')).rejects.toThrow();
    await delay(300);
    server.child.kill('SIGTERM');
    await delay(300);
    expect(server.child.exitCode).toBeNull();
    server.child.kill('SIGTERM');
    expect(await server.ended).toEqual([0, null]);
    await running;
  });
});

test.each([
  [['none.wasm'], 'error[BW_PROGRAM_UNREADABLE]'],
  [['library.wasm'], 'error[BW_INSTANCE_NOT_A_HANDLER]: library.wasm handles no requests'],
  [['--routes', 'none.json'], 'error[BW_ROUTES_UNREADABLE]: The routes "none.json" cannot be read: ENOENT.'],
  [['--addr', '192.0.2.1:80', 'server.wasm'], 'error[BW_SERVE_LISTEN]: Cannot listen on 192.0.2.1:80: '],
  [
    ['--addr', '127.0.0.1:0', '--metrics', '192.0.2.1:80', 'server.wasm'],
    'error[BW_SERVE_LISTEN]: Cannot listen on 192.0.2.1:80: ',
  ],
  [['--nothing', 'server.wasm'], 'error[BW_USAGE]'],
])('%j is an error of ours: 125', async (args, message) => {
  const { ended, err } = start(args);
  expect(await ended).toEqual([125, null]);
  expect(err()).toContain(message);
});
