import { describe, expect, test } from 'vitest';
import { translate } from '../../../../src/engine/translate.ts';
import { guest, jsGuest } from '../../../guests/index.ts';
import type { TestHostOptions } from '../../../support/host.ts';
import { shorten } from '../../../../src/engine/link/shorten.ts';
import type { LinkPlan } from '../../../../src/engine/link/plan.ts';
import { command, linkerOf, memoryLinkerOf, runWith } from './components.ts';

const FIXED: TestHostOptions = { clocks: 'virtual', at: 1_700_000_000_000_000_000n };

const content = { 'a.txt': 'hello', 'dir/b.txt': 'b' };

const FILE_SCRIPT =
  'write /data/new text + append /data/new more + read /data/new + stat /data/new + readdir /data + rename /data/new /data/dir/new' +
  ' + mkdir /data/sub + rmdir /data/sub + symlink a.txt /data/link + readlink /data/link + lstat /data/link + link /data/a.txt /data/hard' +
  ' + stat /data/hard + unlink /data/hard + utimens /data/a.txt 5.6 7.8 + stat /data/a.txt + open /data/a.txt rw + fstat + pwrite J 0' +
  ' + pread 99 0 + seek 0 set + fread 3 + ftruncate 2 + fstat + fsync + getflags + close + stat /data/none + open /data/../etc r + read /data/dir/new';

const CASES: readonly [guest: string, args: string, options?: TestHostOptions][] = [
  ['filesystem', FILE_SCRIPT, { mounts: [{ path: '/data', content }] }],
  [
    'filesystem',
    'write /data/x y + readdir /data',
    { mounts: [{ path: '/data', content, access: ['read', 'list'] }] },
  ],
  ['filesystem', 'stat /data'],
  ['clocks', 'resolution'],
  ['clocks', 'read'],
  ['clocks', 'sleep 1000000'],
  ['clocks', 'sleep-until 1000000'],
  ['random', 'bytes 0'],
  ['random', 'bytes 8', { random: false }],
  ['process', 'arguments one zwei 三'],
  [
    'process',
    'environment',
    {
      env: [
        ['LANG', 'C'],
        ['EMPTY', ''],
      ],
    },
  ],
  ['process', 'leave return 0'],
  ['process', 'leave return 3'],
  ['process', 'leave exit 0'],
  ['process', 'leave exit 3'],
  ['process', 'leave abort'],
  ['stdio', 'echo 3', { stdin: chunks('hello ', 'world') }],
  ['stdio', 'count', { stdin: false }],
  ['stdio', 'flood 1 100000 5000'],
  ['stdio', 'errors'],
  ['stdio', 'describe'],
  ['stdio', 'close-output'],
  ['limits', 'trap'],
  ['limits', 'out-of-bounds'],
  ['limits', 'handles /data', { limits: { handles: 20 }, mounts: [{ path: '/data' }] }],
];

/** Input that does not come at once, so that a guest must wait for it. */
function chunks(...texts: string[]): AsyncIterable<string> {
  return {
    async *[Symbol.asyncIterator]() {
      for (const text of texts) {
        await new Promise((resolve) => setImmediate(resolve));
        yield text;
      }
    },
  };
}

describe('a C command ends the same by a plan and through the glue', () => {
  test.each(CASES)('%s %s', async (name, args, options) => {
    const { component } = await guest(name);
    const linker = await linkerOf(component);
    const short = await memoryLinkerOf(component);
    // A silent fallback would compare the glue with itself.
    expect(linker.observation.obstacle).toBeUndefined();
    expect(linker.observation.plan).toBeDefined();
    const run = { ...FIXED, ...options, args: ['program', ...args.split(' ')] };
    const planned = await runWith(linker, run);
    const glued = await runWith(linker.glueLinker, run);
    expect(glued).toEqual(planned);
    expect(await runWith(short, run)).toEqual(planned);
    expect(planned.handles[1]).toBe(0);
    expect(planned.stdout + planned.stderr + planned.end).not.toBe('');
  });

  test('and shorter, without shim and filler, once the memory is there first', async () => {
    const { component } = await guest('process');
    const { linker, modules } = await memoryLinkerOf(component);
    const plan = linker.observation.plan as LinkPlan;
    expect(plan.instances).toHaveLength(4);
    const short = shorten(plan, modules);
    expect(short.instances).toHaveLength(2);
    const late = short.instances.flatMap(({ imports }) =>
      imports.filter(([, , source]) => source.kind === 'late'),
    );
    expect(late.map(([module, name]) => `${module}.${name}`)).toEqual(['__main_module__._start']);
    // Where the program makes its memory itself, nothing can come before it.
    const own = await linkerOf(component);
    expect(shorten(own.observation.plan as LinkPlan, await compiled(component))).toBe(own.observation.plan);
  });

  test('and a plan survives its trip through the cache', async () => {
    const linker = await linkerOf((await guest('process')).component);
    const { plan } = linker.observation;
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });
});

async function compiled(component: Uint8Array): Promise<WebAssembly.Module[]> {
  const { cores } = await translate(component);
  return cores.map(({ bytes }) => new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>));
}

describe('a hostile command ends the same both ways', () => {
  const PRELUDE = `
    (memory (export "memory") 1)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024)`;
  const STREAMS = 'wasi:io/streams@0.2.12';
  const stdout = '(import "wasi:cli/stdout@0.2.12" "get-stdout" (func $stdout (result i32)))';
  const dropOutput = `(import "${STREAMS}" "[resource-drop]output-stream" (func $drop (param i32)))`;
  const checkWrite = `(import "${STREAMS}" "[method]output-stream.check-write" (func $check (param i32 i32)))`;

  const cases: readonly [what: string, end: string, imports: string, body: string][] = [
    ['returns ok', 'result 0', '', '(i32.const 0)'],
    ['returns err', 'result 1', '', '(i32.const 1)'],
    [
      'uses a handle that was never given',
      'GuestTrap',
      checkWrite,
      '(call $check (i32.const 9) (i32.const 64)) (i32.const 0)',
    ],
    [
      'uses a negative handle',
      'GuestTrap',
      checkWrite,
      '(call $check (i32.const -1) (i32.const 64)) (i32.const 0)',
    ],
    [
      'uses a dropped handle',
      'GuestTrap',
      stdout + dropOutput + checkWrite,
      '(call $drop (call $stdout)) (call $check (i32.const 1) (i32.const 64)) (i32.const 0)',
    ],
    [
      'gives a handle back and gets it again',
      'result 0',
      stdout + dropOutput + checkWrite,
      '(call $drop (call $stdout)) (call $check (call $stdout) (i32.const 64)) (i32.load8_u (i32.const 64))',
    ],
    [
      'stores a result out of bounds',
      'GuestTrap',
      stdout + checkWrite,
      '(call $check (call $stdout) (i32.const 65528)) (i32.const 0)',
    ],
    [
      'leaves handles open',
      'result 0',
      stdout,
      '(drop (call $stdout)) (drop (call $stdout)) (drop (call $stdout)) (i32.const 0)',
    ],
    [
      'asks for 2^64 - 1 random bytes',
      'GuestTrap',
      '(import "wasi:random/random@0.2.12" "get-random-bytes" (func $bytes (param i64 i32)))',
      '(call $bytes (i64.const -1) (i32.const 64)) (i32.const 0)',
    ],
    [
      'exits with an error',
      'exit 1',
      '(import "wasi:cli/exit@0.2.12" "exit" (func $exit (param i32)))',
      '(call $exit (i32.const 1)) (i32.const 0)',
    ],
    [
      'catches its own exit and goes on',
      'exit 1',
      `(import "wasi:cli/exit@0.2.12" "exit" (func $exit (param i32)))
       (import "wasi:random/random@0.2.12" "get-random-bytes" (func $bytes (param i64 i32)))`,
      `(block $caught (try_table (catch_all $caught) (call $exit (i32.const 1))))
       (call $bytes (i64.const 4) (i32.const 64))
       (i32.const 0)`,
    ],
    [
      'exits with neither ok nor err',
      'GuestTrap',
      '(import "wasi:cli/exit@0.2.12" "exit" (func $exit (param i32)))',
      '(call $exit (i32.const 2)) (i32.const 0)',
    ],
    [
      'waits for a timer',
      'result 0',
      `(import "wasi:clocks/monotonic-clock@0.2.12" "subscribe-duration" (func $after (param i64) (result i32)))
       (import "wasi:io/poll@0.2.12" "[method]pollable.block" (func $block (param i32)))`,
      '(call $block (call $after (i64.const 5000000))) (i32.const 0)',
    ],
    [
      'polls nothing',
      'GuestTrap',
      '(import "wasi:io/poll@0.2.12" "poll" (func $poll (param i32 i32 i32)))',
      '(call $poll (i32.const 0) (i32.const 0) (i32.const 64)) (i32.const 0)',
    ],
    [
      'opens with flags that there are not',
      'GuestTrap',
      `(import "wasi:filesystem/preopens@0.2.12" "get-directories" (func $preopens (param i32)))
       (import "wasi:filesystem/types@0.2.12" "[method]descriptor.open-at" (func $open (param i32 i32 i32 i32 i32 i32 i32)))`,
      `(call $preopens (i32.const 64))
       (call $open (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 16) (i32.const 1) (i32.const 64))
       (i32.const 0)`,
    ],
  ];

  test.each(cases)('that %s', async (_what, end, imports, body) => {
    const component = await command(
      `(module ${imports} ${PRELUDE} (func (export "wasi:cli/run@0.2.12#run") (result i32) ${body}))`,
    );
    const linker = await linkerOf(component);
    expect(linker.observation.obstacle).toBeUndefined();
    const planned = await runWith(linker, { clocks: 'real' });
    expect(planned.end).toBe(end);
    expect(await runWith(linker.glueLinker, { clocks: 'real' })).toEqual(planned);
    expect(await runWith(await memoryLinkerOf(component), { clocks: 'real' })).toEqual(planned);
    expect(planned.handles[1]).toBe(0);
  });

  // What drops a bad handle traps in ours by GuestTrap, in jco's by RuntimeError: only the name differs.
  test.each([
    ['twice', '(call $drop (call $stdout)) (call $drop (i32.const 1))'],
    ['that was never given', '(call $drop (i32.const 7))'],
    ['0', '(call $drop (i32.const 0))'],
    ['far beyond the table', '(call $drop (i32.const 0x20000000))'],
    ['negative', '(call $drop (i32.const -2))'],
  ])('that drops a handle %s', async (_what, body) => {
    const component = await command(
      `(module ${stdout} ${dropOutput} ${PRELUDE} (func (export "wasi:cli/run@0.2.12#run") (result i32) ${body} (i32.const 0)))`,
    );
    const linker = await linkerOf(component);
    expect((await runWith(linker)).end).toBe('GuestTrap');
    expect((await runWith(linker.glueLinker)).end).toBe('trap');
  });

  test('that answers neither ok nor err', async () => {
    const linker = await linkerOf(
      await command(
        `(module ${PRELUDE} (func (export "wasi:cli/run@0.2.12#run") (result i32) (i32.const 7)))`,
      ),
    );
    expect((await runWith(linker)).end).toBe('GuestTrap');
    expect((await runWith(linker.glueLinker)).end).toBe('TypeError');
  });
});

test('a JavaScript program runs through the glue', async () => {
  const linker = await linkerOf(await jsGuest('report'));
  expect(linker.observation.plan).toBeUndefined();
  expect(linker.observation.obstacle).toMatch('it exports');
  const { end, stdout, handles } = await runWith(linker, {
    args: ['program', 'a.txt', 'none'],
    env: [['LANG', 'C']],
    mounts: [{ path: '/data', content }],
  });
  expect(stdout).toBe('env.LANG=C\npreopen=/data\nwall=true\nrandom=16\na.txt=hello\nnone=error:no-entry\n');
  expect(end).toBe('result 0');
  expect(handles[1]).toBe(0);
});
