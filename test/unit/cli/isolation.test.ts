import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditRecord } from '../../../src/audit/records.ts';
import { Engine } from '../../../src/index.ts';
import { serve } from '../../../src/serve/index.ts';
import { guest, httpGuest, watGuest } from '../../guests/index.ts';

const BIN = join(import.meta.dirname, '../../../src/cli/bin.ts');

/** Writes what it reads, and ends with 7. */
const CAT = `(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 4)
  (func (export "_start")
    (loop $next
      (i32.store (i32.const 0) (i32.const 4096)) (i32.store (i32.const 4) (i32.const 60000))
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 12)))
      (if (i32.eqz (i32.load (i32.const 12))) (then (call $exit (i32.const 7))))
      (i32.store (i32.const 4) (i32.load (i32.const 12)))
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
      (br $next))))`;

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bailiwick-isolation-'));
  const put = (name: string, bytes: Uint8Array): Promise<void> => writeFile(join(directory, name), bytes);
  await put('cat.wasm', await watGuest(CAT));
  await put('loop.wasm', await watGuest('(module (func (export "_start") (loop (br 0))))'));
  await put('trap.wasm', await watGuest('(module (func (export "_start") unreachable))'));
  await put('filesystem.wasm', (await guest('filesystem')).module);
  await put('server.wasm', await httpGuest('server'));
  await mkdir(join(directory, 'tree'));
  await writeFile(join(directory, 'tree/a'), 'as it was');
});
afterAll(() => rm(directory, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
}

function start(command: string, args: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [BIN, command, ...args], { cwd: directory });
  const exit = new Promise<[number | null, string | null]>((resolve) =>
    child.on('close', (code, signal) => resolve([code, signal])),
  );
  const ended = Promise.all([exit, text(child.stdout), text(child.stderr)]).then(
    ([[code, signal], out, err]) => ({ code, signal, out, err }),
  );
  return { child, ended };
}

async function run(args: readonly string[], input = ''): Promise<Ended> {
  const { child, ended } = start('run', args);
  child.stdin?.end(input);
  return ended;
}

async function records(file: string): Promise<AuditRecord[]> {
  const lines = (await readFile(join(directory, file), 'utf8')).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as AuditRecord);
}

/** Starts a program that computes without end, and waits until it is open. */
async function startLoop(level: string, log: string): Promise<ReturnType<typeof start>> {
  const started = start('run', ['--isolation', level, '--audit', log, 'loop.wasm']);
  await expect.poll(() => records(log).catch(() => []), { timeout: 30_000 }).not.toEqual([]);
  return started;
}

async function childrenOf(pid: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${pid}/task`);
  const lists = tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8'));
  return (await Promise.all(lists)).flatMap((list) => list.split(' ').filter(Boolean).map(Number));
}

/** What differs from run to run: times, and what the instance cost. */
function comparable(record: AuditRecord): object {
  const { time: _time, monotonic: _monotonic, instance: _instance, ...rest } = record;
  return 'usage' in rest ? { ...rest, usage: Object.keys(rest.usage).toSorted() } : rest;
}

describe.each(['thread', 'process'])('bailiwick run --isolation %s', (level) => {
  test('has streams, exit code and log as inline', async () => {
    const input = '0123456789abcdef'.repeat(20_000);
    const all = async (where: string): Promise<[Ended, object[]]> => {
      const log = `cat-${level}-${where}.jsonl`;
      const ended = await run(['--isolation', where, '--audit', log, '--tenant', 'acme', 'cat.wasm'], input);
      return [ended, (await records(log)).map(comparable)];
    };
    const [isolated, log] = await all(level);
    expect(isolated).toMatchObject({ code: 7, signal: null, err: '' });
    expect(isolated.out === input).toBe(true);
    expect([isolated, log]).toEqual(await all('inline'));
  });

  test.each<[string, string[], number, string]>([
    ['a trap', ['trap.wasm'], 134, 'bailiwick: trap.wasm trapped: unreachable\n'],
    [
      'a passed limit',
      ['--timeout', '50ms', 'loop.wasm'],
      124,
      'bailiwick: loop.wasm passed limits.deadline (50ms)\n',
    ],
  ])('%s', async (_name, args, code, err) => {
    expect(await run(['--isolation', level, ...args])).toEqual({ code, signal: null, out: '', err });
  });

  test('--changes has what the program changed in its overlay', async () => {
    const flags = ['--dir', 'tree::/x::overlay', '--changes', `${level}.tar`];
    const line = 'write /x/new made + unlink /x/a'.split(' ');
    const changed = await run(['--isolation', level, ...flags, 'filesystem.wasm', ...line]);
    expect(changed).toMatchObject({ code: 0, err: '' });
    const image = ['--dir', `${level}.tar::/x::image`, 'filesystem.wasm', 'readdir', '/x'];
    const { out } = await run(['--isolation', level, ...image]);
    expect(out.match(/^entry\..*=file$/gm)?.toSorted()).toEqual(['entry..wh.a=file', 'entry.new=file']);
    expect(await readFile(join(directory, 'tree/a'), 'utf8')).toBe('as it was');
  });

  test('SIGINT ends the guest and closes the log', async () => {
    const { child, ended } = await startLoop(level, `int-${level}.jsonl`);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130, err: 'bailiwick: loop.wasm was interrupted\n' });
    expect((await records(`int-${level}.jsonl`)).at(-1)).toMatchObject({
      kind: 'instance-closed',
      outcome: { kind: 'cancelled' },
    });
  });

  test('SIGTERM ends the command, and leaves no guest behind', async () => {
    const { child, ended } = await startLoop(level, `term-${level}.jsonl`);
    const workers = await childrenOf(child.pid as number);
    expect(workers).toHaveLength(level === 'process' ? 1 : 0);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: null, signal: 'SIGTERM' });
    for (const worker of workers) await expect(readdir(`/proc/${worker}/fd`)).rejects.toThrow();
  });
});

test('a process that ends with the program in it is 125, with its reason and no path', async () => {
  const { child, ended } = await startLoop('process', 'killed.jsonl');
  const [worker] = await childrenOf(child.pid as number);
  process.kill(worker as number, 'SIGKILL');
  expect(await ended).toMatchObject({
    code: 125,
    err: 'bailiwick: loop.wasm was lost: error[BW_ISOLATION_WORKER]: The worker of the instance ended: signal SIGKILL.\n',
  });
  expect((await records('killed.jsonl')).at(-1)).toMatchObject({
    outcome: { kind: 'host-error', code: 'BW_ISOLATION_WORKER' },
  });
});

interface Serving extends ReturnType<typeof start> {
  get(path: string): Promise<Response>;
  err(): string;
}

async function serving(args: readonly string[]): Promise<Serving> {
  const started = start('serve', ['--addr', '127.0.0.1:0', ...args]);
  let err = '';
  started.child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  await expect.poll(() => err, { timeout: 30_000 }).toContain('\n');
  const url = /^Serving HTTP on (\S+)\n/.exec(err)?.[1];
  if (url === undefined) throw new Error(err);
  return { ...started, get: (path) => fetch(new URL(path, url)), err: () => err };
}

async function stop({ child, ended }: Serving): Promise<void> {
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 0, signal: null });
}

describe('bailiwick serve', () => {
  test('one route in a process, one inline', async () => {
    const routes = [
      {
        path: '/hello',
        program: 'server.wasm',
        policy: 'preset:command',
        tenant: 'far',
        isolation: 'process',
      },
      { program: 'server.wasm', policy: 'preset:command', tenant: 'near' },
    ];
    await writeFile(join(directory, 'routes.json'), JSON.stringify(routes));
    const server = await serving(['--routes', 'routes.json', '--verbose']);
    const pid = server.child.pid as number;
    expect((await server.get('/trap')).status).toBe(500);
    expect(await childrenOf(pid)).toEqual([]);
    const response = await server.get('/hello');
    expect([response.status, await response.text()]).toEqual([200, 'hello, world\n']);
    expect(await childrenOf(pid)).toHaveLength(1);
    await stop(server);
    expect(server.err()).toMatch(/^200 GET \/hello [\d.]+ms far$/m);
  });

  test('a process that ends is answered 500, and the next request has another one', async () => {
    const server = await serving(['--isolation', 'process', 'server.wasm']);
    const answer = server.get('/never');
    const pid = server.child.pid as number;
    await expect.poll(() => childrenOf(pid), { timeout: 30_000 }).toHaveLength(1);
    const [worker] = await childrenOf(pid);
    process.kill(worker as number, 'SIGKILL');
    expect((await answer).status).toBe(500);
    expect(await (await server.get('/hello')).text()).toBe('hello, world\n');
    await stop(server);
    expect(server.err()).toContain(
      'server.wasm, GET /never: error[BW_ISOLATION_WORKER]: The worker of the instance ended: signal SIGKILL.',
    );
  });
});

test('a request that no worker is free for in time is answered 503, and told when to come again', async () => {
  const engine = new Engine({ cache: false, isolation: { thread: { max: 1, maxWait: 200 } } });
  const program = await engine.compile(join(directory, 'server.wasm'));
  const policy = { version: 1, extends: ['preset:command'] };
  await using server = await serve({ port: 0, routes: [{ program, policy, isolation: 'thread' }] });
  const gone = new AbortController();
  const held = fetch(`${server.url}never`, { signal: gone.signal }).catch(() => undefined);
  await expect.poll(() => engine.metrics().places.taken).toBe(1);
  const late = await fetch(`${server.url}hello`);
  expect([late.status, late.headers.get('retry-after')]).toEqual([503, '1']);
  gone.abort();
  await held;
});

test('a thread that rests does not keep the command from ending', async () => {
  const { child, ended } = start('run', ['--isolation', 'thread', '--audit', 'rest.jsonl', 'trap.wasm']);
  const isClosed = async (): Promise<boolean> =>
    (await records('rest.jsonl')).some(({ kind }) => kind === 'instance-closed');
  await expect.poll(() => isClosed().catch(() => false), { timeout: 30_000 }).toBe(true);
  const closedAt = performance.now();
  child.stdin?.end();
  await ended;
  // It would for 10 seconds.
  expect(performance.now() - closedAt).toBeLessThan(8000);
});
