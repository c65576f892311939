import { describe, expect, test } from 'vitest';
import { inspect } from '../../src/index.ts';
import { engine, runGuest } from '../support/guest-run.ts';
import { memoryMount } from '../support/mounts.ts';
import { watComponent, watGuest } from './index.ts';

/** All that were published, and one that fits by its number: https://semver.org, as the component model reads it. */
const VERSIONS = [...Array.from({ length: 13 }, (_, patch) => `0.2.${patch}`), '0.2.99'];

/** Interface by interface; each body leaves an i32 that is not 0 when something is wrong. Results go to address 64. */
const CALLS: readonly (readonly [imported: string, types: string, body: string])[] = [
  [
    'cli/environment#get-arguments',
    '(param i32)',
    '(call $f (i32.const 64)) (i32.ne (i32.load (i32.const 68)) (i32.const 1))',
  ],
  ['cli/environment#get-environment', '(param i32)', '(call $f (i32.const 64)) (i32.load (i32.const 68))'],
  ['cli/environment#initial-cwd', '(param i32)', '(call $f (i32.const 64)) (i32.load8_u (i32.const 64))'],
  ['cli/stdin#get-stdin', '(result i32)', '(i32.eqz (call $f))'],
  ['cli/stderr#get-stderr', '(result i32)', '(i32.eqz (call $f))'],
  [
    'cli/terminal-stdin#get-terminal-stdin',
    '(param i32)',
    '(call $f (i32.const 64)) (i32.load8_u (i32.const 64))',
  ],
  [
    'cli/terminal-stdout#get-terminal-stdout',
    '(param i32)',
    '(call $f (i32.const 64)) (i32.load8_u (i32.const 64))',
  ],
  [
    'cli/terminal-stderr#get-terminal-stderr',
    '(param i32)',
    '(call $f (i32.const 64)) (i32.load8_u (i32.const 64))',
  ],
  ['clocks/monotonic-clock#resolution', '(result i64)', '(i64.ne (call $f) (i64.const 1000))'],
  [
    'clocks/wall-clock#now',
    '(param i32)',
    '(call $f (i32.const 64)) (i64.ne (i64.load (i32.const 64)) (i64.const 1767225600))',
  ],
  [
    'filesystem/preopens#get-directories',
    '(param i32)',
    '(call $f (i32.const 64)) (i32.ne (i32.load (i32.const 68)) (i32.const 1))',
  ],
  ['random/random#get-random-u64', '(result i64)', '(i64.eqz (call $f))'],
  ['random/insecure#get-insecure-random-u64', '(result i64)', '(drop (call $f)) (i32.const 0)'],
  ['random/insecure-seed#insecure-seed', '(param i32)', '(call $f (i32.const 64)) (i32.const 0)'],
  ['sockets/instance-network#instance-network', '(result i32)', '(i32.eqz (call $f))'],
  // All of them are denied here: err(access-denied), the second case.
  [
    'sockets/tcp-create-socket#create-tcp-socket',
    '(param i32 i32)',
    '(call $f (i32.const 0) (i32.const 64)) (i32.ne (i32.load8_u (i32.const 68)) (i32.const 1))',
  ],
  [
    'sockets/udp-create-socket#create-udp-socket',
    '(param i32 i32)',
    '(call $f (i32.const 1) (i32.const 64)) (i32.ne (i32.load8_u (i32.const 68)) (i32.const 1))',
  ],
];

/** What came with 0.2.1; the UTC of 2026 and of every other day is that of the host, wherever it stands. */
const SINCE_0_2_1: typeof CALLS = [
  [
    'clocks/timezone#utc-offset',
    '(param i64 i32) (result i32)',
    '(call $f (i64.const 1767225600) (i32.const 0))',
  ],
  [
    'clocks/timezone#display',
    '(param i64 i32 i32)',
    `(call $f (i64.const 1767225600) (i32.const 0) (i32.const 64))
     (i32.or (i32.load (i32.const 64)) (i32.or (i32.load8_u (i32.const 76)) (i32.or
       (i32.ne (i32.load (i32.const 72)) (i32.const 3))
       (i32.ne (i32.and (i32.load (i32.load (i32.const 68))) (i32.const 0xffffff)) (i32.const 0x435455)))))`,
  ],
];

const PRELUDE = `(memory (export "memory") 1) (global $end (mut i32) (i32.const 4096))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (global.set $end (i32.and (i32.add (global.get $end) (i32.const 7)) (i32.const -8)))
    (global.get $end)
    (global.set $end (i32.add (global.get $end) (local.get 3))))`;

const GRANT = {
  ...memoryMount('read-write').grant,
  clocks: { monotonic: { resolution: '1us' }, wall: { fixed: '2026-01-01T00:00:00Z' } },
  random: 'secure',
};

/** A command that waits a microsecond, writes its directory's hash twice, and leaves with the number of the first bad call. */
async function caller(version: string): Promise<Uint8Array> {
  const isFirst = version === '0.2.0';
  const calls = [...CALLS, ...(isFirst ? [] : SINCE_0_2_1)];
  const named = (name: string): string => `wasi:${name.replace('#', `@${version}" "`)}`;
  const imports = calls.map(([name, types], i) => `(import "${named(name)}" (func $f${i} ${types}))`);
  const checks = calls.map(
    ([, , body], i) =>
      `(if (block (result i32) ${body.replaceAll('$f', `$f${i}`)}) (then (call $leave (i32.const ${i + 1}))))`,
  );
  const text = `(module ${imports.join('\n')}
    (import "${named('clocks/monotonic-clock#subscribe-duration')}" (func $after (param i64) (result i32)))
    (import "${named('io/poll#[method]pollable.block')}" (func $block (param i32)))
    (import "${named('cli/stdout#get-stdout')}" (func $stdout (result i32)))
    (import "${named('io/streams#[method]output-stream.blocking-write-and-flush')}" (func $write (param i32 i32 i32 i32)))
    (import "${named('cli/exit#exit')}" (func $exit (param i32)))
    ${isFirst ? '' : `(import "${named('cli/exit#exit-with-code')}" (func $code (param i32)))`}
    ${PRELUDE}
    (data (i32.const 512) "done")
    (func $leave (param i32) ${isFirst ? '(call $exit (i32.const 1))' : '(call $code (local.get 0))'})
    (func (export "wasi:cli/run@${version}#run") (result i32)
      ${checks.join('\n')}
      (call $block (call $after (i64.const 1000)))
      (call $write (call $stdout) (i32.const 512) (i32.const 4) (i32.const 64))
      ${isFirst ? '(call $exit (i32.const 0))' : '(call $code (i32.const 77))'}
      (i32.const 0)))`;
  const interfaces = [
    ...new Set([
      ...calls.map(([name]) => name.replace(/#.*/, '')),
      'cli/stdout',
      'cli/exit',
      'io/poll',
      'io/streams',
    ]),
  ];
  const world = interfaces.map((name) => `import wasi:${name}@${version};`).join(' ');
  return watComponent(text, `package t:t; world w { ${world} export wasi:cli/run@${version}; }`, [version]);
}

describe.each(VERSIONS)('a command of WASI %s', (version) => {
  test('runs, and every interface answers', async () => {
    const bytes = await caller(version);
    expect(inspect(bytes)).toMatchObject({ wasi: [version], supported: true });
    const run = await runGuest(bytes, 'component', { grant: GRANT, args: [] });
    expect(run.outcome).toMatchObject({ kind: 'exit' });
    expect([run.exitCode, run.stdout]).toEqual([version === '0.2.0' ? 0 : 77, 'done']);
  });
});

/** Imports of io and clocks, as a part of a component; tools that make components would have put both in one version. */
function clockOf(name: string, poll: string, clock: string): string {
  return `(import "wasi:io/poll@${poll}" (instance $poll-${name}
      (export "pollable" (type $p (sub resource)))
      (export "[method]pollable.ready" (func (param "self" (borrow $p)) (result bool)))))
    (alias export $poll-${name} "pollable" (type $pollable-${name}))
    (import "wasi:clocks/monotonic-clock@${clock}" (instance $clock-${name}
      (alias outer 1 $pollable-${name} (type $o))
      (export "pollable" (type $p (eq $o)))
      (export "subscribe-duration" (func (param "when" u64) (result (own $p))))))
    (core func $after-${name} (canon lower (func $clock-${name} "subscribe-duration")))
    (core func $ready-${name} (canon lower (func $poll-${name} "[method]pollable.ready")))
    (core instance $wasi-${name}
      (export "after" (func $after-${name})) (export "ready" (func $ready-${name})))`;
}

describe('versions that are mixed in one component', () => {
  const WIRE = `(import "a" "after" (func $after-a (param i64) (result i32))) (import "a" "ready" (func $ready-a (param i32) (result i32)))
    (import "b" "after" (func $after-b (param i64) (result i32))) (import "b" "ready" (func $ready-b (param i32) (result i32)))`;

  /** Exports a function that has one pollable of each, due in an hour and at once, and says which is ready. */
  const component = (): Promise<Uint8Array> =>
    watGuest(`(component ${clockOf('a', '0.2.0', '0.2.3')} ${clockOf('b', '0.2.6', '0.2.6')}
      (core module $m ${WIRE}
        (func (export "g") (result i32) (local $a i32) (local $b i32)
          (local.set $a (call $after-a (i64.const 3600000000000)))
          (local.set $b (call $after-b (i64.const 0)))
          (i32.or (call $ready-a (local.get $a)) (i32.shl (call $ready-b (local.get $b)) (i32.const 1)))))
      (core instance $i (instantiate $m (with "a" (instance $wasi-a)) (with "b" (instance $wasi-b))))
      (func (export "g") (result u32) (canon lift (core func $i "g"))))`);

  test('are types of their own, and each works: clocks of 0.2.3 over io of 0.2.0 beside both of 0.2.6', async () => {
    const bytes = await component();
    expect(inspect(bytes).wasi).toEqual(['0.2.0', '0.2.3', '0.2.6']);
    const program = await engine.compile(bytes);
    const policy = { version: 1, clocks: GRANT.clocks };
    await using instance = await program.instantiate({ policy });
    expect(await instance.call('g')).toBe(2);
  });
});

describe('what WASI does not have', () => {
  test('an unknown function of a known interface is missing, by name', async () => {
    const program = await engine.compile(
      await watGuest(`(component
        (import "wasi:clocks/wall-clock@0.2.6" (instance $i (export "tomorrow" (func (result u64)))))
        (core func $f (canon lower (func $i "tomorrow")))
        (core module $m (import "" "f" (func $f (result i64))) (func (export "g") (result i64) (call $f)))
        (core instance $c (instantiate $m (with "" (instance (export "f" (func $f))))))
        (func (export "g") (result u64) (canon lift (core func $c "g"))))`),
    );
    await expect(program.instantiate({ policy: { version: 1 } })).rejects.toMatchObject({
      code: 'BW_LINK_MISSING_IMPORTS',
      missing: ['wasi:clocks/wall-clock.tomorrow'],
    });
  });

  test('a draft of 0.3 is refused with what is supported', async () => {
    const draft = 'wasi:cli/stdin@0.3.0-rc-2026-03-15';
    const compiled = engine.compile(await watGuest(`(component (import "${draft}" (instance)))`));
    await expect(compiled).rejects.toMatchObject({
      code: 'BW_PROGRAM_WASI_VERSION',
      message: expect.stringMatching(/0\.3\.0-rc-2026-03-15.*supported are 0\.1, 0\.2 and 0\.3\.0/),
    });
  });
});

describe('metadata-hash', () => {
  const TYPES = 'wasi:filesystem/types@0.2.12';
  const D = '[method]descriptor.';

  /** Copies hash `n` of a file, 16 bytes, to 1024 + 16 n. */
  const hash = (n: number, file: string): string =>
    `(call $hash ${file} (i32.const 64)) (if (i32.load8_u (i32.const 64)) (then unreachable))
     (memory.copy (i32.const ${1024 + 16 * n}) (i32.const 72) (i32.const 16))`;
  const open = (name: number): string =>
    `(call $open (local.get $root) (i32.const 1) (i32.const ${name}) (i32.const 1) (i32.const 1) (i32.const 3) (i32.const 64))
     (if (i32.load8_u (i32.const 64)) (then unreachable))`;
  const [A, B] = ['(local.get $a)', '(local.get $b)'];
  const write = `(call $write ${A} (i32.const 512) (i32.const 1) (i64.const 0) (i32.const 64))`;

  const TEXT = `(module
    (import "wasi:filesystem/preopens@0.2.12" "get-directories" (func $preopens (param i32)))
    (import "${TYPES}" "${D}open-at" (func $open (param i32 i32 i32 i32 i32 i32 i32)))
    (import "${TYPES}" "${D}write" (func $write (param i32 i32 i32 i64 i32)))
    (import "${TYPES}" "${D}metadata-hash" (func $hash (param i32 i32)))
    (import "${TYPES}" "${D}metadata-hash-at" (func $hash-at (param i32 i32 i32 i32 i32)))
    (import "wasi:cli/stdout@0.2.12" "get-stdout" (func $stdout (result i32)))
    (import "wasi:io/streams@0.2.12" "[method]output-stream.blocking-write-and-flush" (func $print (param i32 i32 i32 i32)))
    ${PRELUDE}
    (data (i32.const 512) "ab")
    (func (export "wasi:cli/run@0.2.12#run") (result i32) (local $root i32) (local $a i32) (local $b i32)
      (call $preopens (i32.const 64))
      (local.set $root (i32.load (i32.load (i32.const 64))))
      ${open(512)} (local.set $a (i32.load (i32.const 68)))
      ${open(513)} (local.set $b (i32.load (i32.const 68)))
      ${hash(0, A)}
      ${hash(1, A)}
      (call $hash-at (local.get $root) (i32.const 1) (i32.const 512) (i32.const 1) (i32.const 64))
      (memory.copy (i32.const 1056) (i32.const 72) (i32.const 16))
      ${hash(3, B)}
      ${write}
      ${hash(4, A)}
      (call $print (call $stdout) (i32.const 1024) (i32.const 80) (i32.const 64))
      (i32.const 0)))`;
  const WORLD = `package t:t; world w { import wasi:filesystem/types@0.2.12; import wasi:filesystem/preopens@0.2.12;
    import wasi:cli/stdout@0.2.12; import wasi:io/streams@0.2.12; export wasi:cli/run@0.2.12; }`;

  async function hashes(): Promise<bigint[][]> {
    const chunks: Uint8Array[] = [];
    const stdout = { write: (chunk: Uint8Array): unknown => void chunks.push(chunk.slice()) };
    const program = await engine.compile(await watComponent(TEXT, WORLD));
    const policy = { version: 1, stdio: { stdout: true }, ...GRANT };
    await using instance = await program.instantiate({ policy, stdout });
    expect((await instance.run()).exitCode).toBe(0);
    const { buffer } = Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
    return Array.from({ length: 5 }, (_, i) => [...new BigUint64Array(buffer, i * 16, 2)]);
  }

  test('is the same for one file until it is written, and another for another file', async () => {
    const [first, again, at, other, written] = await hashes();
    expect([again, at]).toEqual([first, first]);
    expect(other).not.toEqual(first);
    expect(written).not.toEqual(first);
    // What the adapter of 0.1 shows as st_ino stays.
    expect(written?.[0]).toBe(first?.[0]);
  });

  test('tells nothing of the host: another run of the program gets the same ones', async () => {
    expect(await hashes()).toEqual(await hashes());
  });
});
