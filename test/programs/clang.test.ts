import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HostTree, hostTree } from '../support/host-tree.ts';
import { unpackedArchive } from './archives.ts';
import { expectClean, job, LLVM, type ProgramMount, type ProgramRun, runProgram } from './run-program.ts';
import { LAYOUTS, type Layout } from './volumes.ts';

/** clang, wasm-ld and others in one program; its first argument says which. */
const TOOLS = join(LLVM, 'llvm.core.wasm');

/** Without the headers of C++, 2,000 files. */
const NEEDED = /^(?:include\/(?:wasm32-wasip1\/|__?std|std)|lib\/)/;

const COMPILE = [
  'clang -cc1 -triple wasm32-unknown-wasip1 -O2 -Wall -Werror -emit-obj -main-file-name primes.c',
  '-resource-dir /usr -isysroot /usr -internal-isystem /usr/include',
  '-internal-isystem /usr/include/wasm32-wasip1',
].flatMap((words) => words.split(' '));

const LINK = [
  'wasm-ld -m wasm32 -L/usr/lib/wasm32-wasip1 /usr/lib/wasm32-wasip1/crt1-command.o /in/primes.o -lc',
  '/usr/lib/wasm32-unknown-wasip1/libclang_rt.builtins.a',
].flatMap((words) => words.split(' '));

/** Names of temporary files are random. */
const POLICY = { random: { seed: 'llvm' }, limits: { memory: '128MiB', deadline: '60s' } } as const;

let sysroot: HostTree;

beforeAll(async () => {
  sysroot = await unpackedArchive(join(LLVM, 'llvm-resources.tar'), { only: (name) => NEEDED.test(name) });
});

afterAll(() => sysroot[Symbol.dispose]());

interface Step {
  readonly layout: Layout;
  readonly input: HostTree;
  readonly work: HostTree;
  readonly quota?: string;
}

/** Runs a tool with the system's headers and libraries, `input` to read at /in, and `work` to write in at /job. */
async function runTool({ layout, input, work, quota = '1MiB' }: Step, args: string[]): Promise<ProgramRun> {
  const mounts: ProgramMount[] = [
    { id: 'sysroot', mount: '/usr', volume: await layout.given('sysroot', sysroot.path), access: 'read' },
    { id: 'input', mount: '/in', volume: await layout.given('input', input.path), access: 'read' },
    {
      id: 'work',
      mount: '/job',
      volume: await layout.work('work', work.path),
      access: ['read', 'create', 'write', 'delete', 'rename'],
      quota: { bytes: quota, files: 10 },
    },
  ];
  const stdio = args.includes('-') ? { stdout: true, stderr: true } : { stderr: true };
  return runProgram(TOOLS, { mounts, policy: { ...POLICY, stdio }, args });
}

/** Compiles primes.c. @returns the object file, in a directory of its own */
async function compile(layout: Layout): Promise<HostTree> {
  using input = hostTree({ 'primes.c': job('primes.c') });
  using work = hostTree({});
  // What a volume does not keep comes out through standard output; a list of the headers goes to the volume anyway.
  const object = layout.kept ? '/job/primes.o' : '-';
  const list = ['-sys-header-deps', '-dependency-file', '/job/primes.d', '-MT', 'primes.o'];
  const run = await runTool({ layout, input, work }, [...COMPILE, ...list, '-o', object, '/in/primes.c']);
  expectClean(run);
  // The source and a dozen headers, not the whole of the system's.
  expect(run.usage.fileBytesRead).toBeGreaterThan(50_000);
  expect(run.usage.fileBytesRead).toBeLessThan(500_000);
  expect(run.usage.fileBytesWritten).toBeGreaterThan(500);
  const output = hostTree({});
  const bytes = layout.kept ? readFileSync(join(work.path, 'primes.o')) : run.output;
  writeFileSync(join(output.path, 'primes.o'), bytes);
  if (layout.kept) {
    expect(readdirSync(work.path).toSorted()).toEqual(['primes.d', 'primes.o']);
    expect(readFileSync(join(work.path, 'primes.d'), 'utf8')).toContain('/usr/include/wasm32-wasip1/stdio.h');
  }
  return output;
}

/** Links primes.o. @returns the program */
async function link(layout: Layout, input: HostTree): Promise<Uint8Array> {
  using work = hostTree({});
  const program = layout.kept ? '/job/primes.wasm' : '-';
  const run = await runTool({ layout, input, work }, [...LINK, '--Map=/job/primes.map', '-o', program]);
  expectClean(run);
  expect(run.usage.fileBytesRead).toBeGreaterThan(1_000_000);
  expect(run.usage.fileBytesWritten).toBeGreaterThan(10_000);
  if (!layout.kept) return run.output;
  expect(readdirSync(work.path).toSorted()).toEqual(['primes.map', 'primes.wasm']);
  return readFileSync(join(work.path, 'primes.wasm'));
}

describe.each(LAYOUTS)('clang on $name', (layout) => {
  it('compiles and links a C program, which then runs', async () => {
    using object = await compile(layout);
    const program = await link(layout, object);
    using work = hostTree({});
    const volume = await layout.work('work', work.path);
    const run = await runProgram(program, {
      mounts: [
        { id: 'work', mount: '/job', volume, access: ['read', 'create', 'write'], quota: { bytes: '8KiB' } },
      ],
      policy: { limits: { memory: '1MiB', deadline: '10s' } },
      args: ['10000', '/job/primes.txt'],
    });
    expectClean(run);
    expect(run.stdout).toBe('1229 primes, the last is 9973\n');
    expect(run.usage.fileBytesWritten).toBe(4 * 2 + 21 * 3 + 143 * 4 + 1061 * 5);
    expect(run.usage.memory).toBeLessThanOrEqual(1024 * 1024);
    if (layout.kept)
      expect(readFileSync(join(work.path, 'primes.txt'), 'utf8')).toMatch(/^2\n3\n.*\n9973\n$/s);
  });
});

it.each(LAYOUTS)('wasm-ld says that the quota is full: $name', async (layout) => {
  using object = await compile(LAYOUTS[0] as Layout);
  using work = hostTree({});
  const step = { layout, input: object, work, quota: '4KiB' };
  const run = await runTool(step, [...LINK, '-o', '/job/primes.wasm']);
  // It makes room first, which a hole does not need, and then cannot fill it.
  expect(run.stderr).toBe('LLVM ERROR: IO failure on output stream: Quota exceeded\n');
  expect(run.outcome.kind === 'exit' && run.outcome.code === 0).toBe(false);
  expect(run.of('limit')).toEqual([expect.objectContaining({ limit: 'work quota.bytes', value: 4096 })]);
  expect(run.of('denial')).toEqual([]);
  // On the disk are not more than the quota's bytes, whatever size the file has.
  const kept = readdirSync(work.path).reduce(
    (sum, name) => sum + statSync(join(work.path, name)).blocks * 512,
    0,
  );
  expect(kept).toBeLessThanOrEqual(4096);
});
