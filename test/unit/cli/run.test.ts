import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditRecord } from '../../../src/audit/records.ts';
import { parsePolicy } from '../../../src/policy/index.ts';
import { guest } from '../../guests/index.ts';

const BIN = join(import.meta.dirname, '../../../src/cli/bin.ts');

const IMPORTS = `
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (memory (export "memory") 4)
  ;; Writes $length bytes from 4096, vector at 0.
  (func $put (param $length i32) (result i32)
    (i32.store (i32.const 0) (i32.const 4096)) (i32.store (i32.const 4) (local.get $length))
    (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))`;

/** One program for each thing that the command must carry between its guest and its user. */
const GUESTS = {
  exit: '(func (export "_start") (call $exit (i32.const 42)))',
  trap: '(func (export "_start") unreachable)',
  loop: '(func (export "_start") (loop (br 0)))',
  args: '(func (export "_start") (drop (call $args_sizes (i32.const 16) (i32.const 20))) (drop (call $args (i32.const 1024) (i32.const 4096))) (drop (call $put (i32.load (i32.const 20)))))',
  environ:
    '(func (export "_start") (drop (call $environ_sizes (i32.const 16) (i32.const 20))) (drop (call $environ (i32.const 1024) (i32.const 4096))) (drop (call $put (i32.load (i32.const 20)))))',
  // Ends with the errno of what fails first.
  cat: `(func (export "_start") (local $errno i32)
    (loop $next
      (i32.store (i32.const 0) (i32.const 4096)) (i32.store (i32.const 4) (i32.const 60000))
      (local.set $errno (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 12)))
      (if (local.get $errno) (then (call $exit (local.get $errno))))
      (if (i32.eqz (i32.load (i32.const 12))) (then (call $exit (i32.const 0))))
      (local.set $errno (call $put (i32.load (i32.const 12))))
      (if (local.get $errno) (then (call $exit (local.get $errno))))
      (br $next)))`,
  yes: '(func (export "_start") (local $errno i32) (i64.store (i32.const 4096) (i64.const 0x0a796e796e796e79)) (loop (local.set $errno (call $put (i32.const 8))) (br_if 0 (i32.eqz (local.get $errno)))) (call $exit (local.get $errno)))',
  random: '(func (export "_start") (call $exit (call $random (i32.const 4096) (i32.const 8))))',
} as const;

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bailiwick-cli-'));
  for (const [name, body] of Object.entries(GUESTS)) {
    await writeFile(join(directory, `${name}.wasm`), await parse(`(module ${IMPORTS} ${body})`));
  }
});
afterAll(() => rm(directory, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
}

function start(
  args: readonly string[],
  env: Record<string, string> = {},
): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [BIN, 'run', ...args], {
    cwd: directory,
    env: { PATH: process.env['PATH'], ...env },
  });
  const exit = new Promise<[number | null, string | null]>((resolve) =>
    child.on('close', (code, signal) => resolve([code, signal])),
  );
  const ended = Promise.all([exit, text(child.stdout).catch(() => 'cut'), text(child.stderr)]).then(
    ([[code, signal], out, err]) => ({ code, signal, out, err }),
  );
  return { child, ended };
}

async function run(
  args: readonly string[],
  options: { readonly input?: string; readonly env?: Record<string, string> } = {},
): Promise<Ended> {
  const { child, ended } = start(args, options.env);
  child.stdin?.end(options.input ?? '');
  return ended;
}

async function records(file: string): Promise<AuditRecord[]> {
  const lines = (await readFile(join(directory, file), 'utf8')).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as AuditRecord);
}

describe('the exit code', () => {
  test.each<[string, string[], number, string]>([
    ['is the guest’s own', ['exit.wasm'], 42, ''],
    ['is 134 for a trap', ['trap.wasm'], 134, 'bailiwick: trap.wasm trapped: unreachable\n'],
    [
      'is 124 for a passed limit',
      ['--timeout', '50ms', 'loop.wasm'],
      124,
      'bailiwick: loop.wasm passed limits.deadline (50ms)\n',
    ],
    [
      'is 125 for an error of ours',
      ['none.wasm'],
      125,
      'bailiwick: error[BW_PROGRAM_UNREADABLE]: The program "none.wasm" cannot be read: ENOENT.\n',
    ],
  ])('%s', async (_, args, code, err) => {
    const ended = await run(args);
    expect({ code: ended.code, out: ended.out }).toEqual({ code, out: '' });
    expect(ended.err.startsWith(err)).toBe(true);
    expect(ended.err).not.toContain('\u001b');
  });
});

test('the guest’s arguments are its file’s name and what stands after it', async () => {
  const { out } = await run(['--no-cache', './args.wasm', '--dir', 'x', '', '-h']);
  expect(out).toBe('args.wasm\0--dir\0x\0\0-h\0');
});

test('variables are those that the flags name, and no others', async () => {
  const { out } = await run(['--env', 'A=1', '--env', 'HERE', '--env', 'NOT_HERE', 'environ.wasm'], {
    env: { HERE: 'x=y', OTHER: '1' },
  });
  expect(out).toBe('A=1\0HERE=x=y\0');
});

test('standard streams pass through, whole', async () => {
  const input = '0123456789abcdef'.repeat(70_000);
  const { code, out } = await run(['cat.wasm'], { input });
  expect(code).toBe(0);
  expect(out === input).toBe(true);
});

test('a reader that goes away ends the guest, not the command', async () => {
  const { child, ended } = start(['yes.wasm']);
  child.stdout?.once('data', () => child.stdout?.destroy());
  const { code, signal, err } = await ended;
  // EPIPE of WASI 0.1.
  expect({ code, signal, err }).toEqual({ code: 64, signal: null, err: '' });
});

test('what was denied is told when the program fails, and is in the log', async () => {
  const { code, err } = await run([
    '--policy',
    'preset:none',
    '--tenant',
    'acme',
    '--audit',
    'denied.jsonl',
    'random.wasm',
  ]);
  expect(code).toBeGreaterThan(0);
  expect(err).toBe('bailiwick: denied random "random" (needs random)\n');
  expect(await records('denied.jsonl')).toMatchObject([
    { seq: 0, tenant: 'acme', kind: 'instance-opened', grants: [] },
    { seq: 1, kind: 'denial', grant: null, operation: 'random', missing: { section: 'random' } },
    { seq: 2, kind: 'instance-closed', outcome: { kind: 'exit', code } },
  ]);
});

describe('SIGINT ends the guest and closes the log', () => {
  test.each(['loop', 'cat'])('%s.wasm', async (guest) => {
    const { child, ended } = start(['--audit', `${guest}.jsonl`, `${guest}.wasm`]);
    await expect.poll(() => records(`${guest}.jsonl`).catch(() => []), { timeout: 10_000 }).not.toEqual([]);
    await delay(100);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130, err: `bailiwick: ${guest}.wasm was interrupted\n` });
    expect((await records(`${guest}.jsonl`)).at(-1)).toMatchObject({
      kind: 'instance-closed',
      outcome: { kind: 'cancelled' },
    });
  });

  test('SIGTERM ends a guest that computes, too', async () => {
    const { child, ended } = start(['--audit', 'term.jsonl', 'loop.wasm']);
    await expect.poll(() => records('term.jsonl').catch(() => []), { timeout: 10_000 }).not.toEqual([]);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ signal: 'SIGTERM' });
  });
});

test('--print-policy needs no program and runs none', async () => {
  const { code, out } = await run(['--max-memory', '64MiB', '--print-policy']);
  expect(code).toBe(0);
  expect(parsePolicy(out).limits).toEqual({ memory: 64 * 2 ** 20 });
});

describe('--dir with a mode', () => {
  beforeAll(async () => {
    await writeFile(join(directory, 'filesystem.wasm'), (await guest('filesystem')).module);
    await mkdir(join(directory, 'tree'));
    await writeFile(join(directory, 'tree/a'), 'as it was');
  });

  test.each(['overlay', 'memory'])('%s: the program changes its own view only', async (mode) => {
    const { code, out } = await run([
      '--dir',
      `tree::/x::${mode}`,
      'filesystem.wasm',
      ...'write /x/a changed + read /x/a + unlink /x/a + symlink b /x/c'.split(' '),
    ]);
    expect(code).toBe(0);
    expect(out).toContain('data=changed');
    expect(await readdir(join(directory, 'tree'))).toEqual(['a']);
    expect(await readFile(join(directory, 'tree/a'), 'utf8')).toBe('as it was');
  });

  test('--changes keeps what was changed, as an archive that is an image again', async () => {
    const line = 'write /x/new made + unlink /x/a'.split(' ');
    const { code } = await run([
      '--dir',
      'tree::/x::overlay',
      '--changes',
      'changes.tar',
      'filesystem.wasm',
      ...line,
    ]);
    expect(code).toBe(0);
    const listed = await run(['--dir', 'changes.tar::/x::image', 'filesystem.wasm', 'readdir', '/x']);
    expect(listed.out.match(/^entry\..*=file$/gm)?.toSorted()).toEqual([
      'entry..wh.a=file',
      'entry.new=file',
    ]);
  });

  test.each([
    [
      'no overlay',
      ['--dir', 'tree::/x', '--changes', 'c.tar'],
      '--changes needs exactly one overlay; the policy has 0.',
    ],
    [
      'a file that cannot be',
      ['--dir', 'tree::/x::overlay', '--changes', 'none/c.tar'],
      '--changes "none/c.tar" cannot be written: ENOENT.',
    ],
    [
      'an archive that is none',
      ['--dir', 'tree/a::/x::image'],
      'the image is neither a tar, a tar.gz nor a zip archive',
    ],
    ['a directory that is not there', ['--dir', 'none::/x::overlay'], 'cannot be opened (ENOENT)'],
  ])('%s is told before anything runs', async (_name, flags, message) => {
    const { code, out, err } = await run([...flags, 'filesystem.wasm', 'readdir', '/']);
    expect([code, out]).toEqual([125, '']);
    expect(err).toContain(message);
    expect(err).not.toContain(directory);
  });
});
