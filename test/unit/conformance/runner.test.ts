/** The runner, on a suite of our own guests, over the command as it is in the sources. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guest } from '../../guests/index.ts';
import { p3Guest, p3LibcGuest } from '../../guests/p3.ts';
import { type Ran, ROOT, run } from '../../package/install.ts';

const COMMAND = join(ROOT, 'src/cli/bin.ts');
const MAIN = join(ROOT, 'scripts/conformance/main.ts');

/** Works once on a directory; what another runner left there is not to be seen. */
const UNLINKING = [
  'filesystem',
  {
    args: ['unlink', '/file', '+', 'empty', '/'],
    root: 'fs-tests.dir',
    stdout: 'unlink=0\nempty=0\n',
  },
] as const;

/** Tests by name: the guest of test/guests/c, and what the suite says of it. */
const TESTS: Readonly<Record<string, readonly [guest: string, specification?: object]>> = {
  arguments: ['process', { args: ['arguments', 'a "b" c'], stdout: 'arg.0=a "b" c\n' }],
  environment: ['process', { args: ['environment'], env: { A: 'x\ny' }, stdout: 'env.A=x\ny\n' }],
  leaving: [
    'process',
    {
      operations: [
        { type: 'run', args: ['leave', 'exit', '33'] },
        { type: 'read', payload: 'leaving' },
        { type: 'wait', exit_code: 33 },
      ],
    },
  ],
  unlinking: UNLINKING,
  'unlinking-again': UNLINKING,
  'wrong-stdout': ['process', { args: ['leave'], stdout: 'leaving' }],
  'wrong-exit-code': ['process', { args: ['leave', 'exit', '2'], exit_code: 3 }],
  'wrong-root': ['process', { root: 'none.dir' }],
  'wrong-specification': [
    'process',
    { operations: [{ type: 'run' }, { type: 'connect' }, { type: 'wait' }] },
  ],
};
const RIGHT = ['arguments', 'environment', 'leaving', 'unlinking-again', 'unlinking'];

let suite: string;
let folder: string;
beforeAll(async () => {
  suite = await mkdtemp(join(tmpdir(), 'bailiwick-suite-'));
  folder = join(suite, 'tests/c/testsuite/wasm32-wasip1');
  await mkdir(join(folder, 'fs-tests.dir/left.cleanup'), { recursive: true });
  await writeFile(join(folder, 'fs-tests.dir/file'), 'content');
  await writeFile(join(folder, 'manifest.json'), '{ "name": "ours", "version": "wasm32-wasip1" }');
  for (const [name, [source, specification]] of Object.entries(TESTS)) {
    await writeFile(join(folder, `${name}.wasm`), (await guest(source)).module);
    await writeFile(join(folder, `${name}.json`), JSON.stringify(specification));
  }
  await mkdir(join(suite, 'tests/c/testsuite/wasm32-wasip3'));
  await writeFile(join(suite, 'tests/c/testsuite/wasm32-wasip3/other.wasm'), '');
});
afterAll(() => rm(suite, { recursive: true }));

function conformance(...flags: readonly string[]): Promise<Ran> {
  return run(process.execPath, [MAIN, '--command', COMMAND, ...flags], { cwd: ROOT });
}

function only(names: readonly string[]): string[] {
  return names.flatMap((name) => ['--only', name]);
}

test('passes what does as the suite says, on a fresh copy of its directory, and exits with 0', async () => {
  const { code, stdout } = await conformance(suite, ...only(RIGHT));
  expect(stdout).toContain('WASI 0.1, host volume: 5 tests, 5 pass, 0 fail.');
  expect(stdout).toMatch(/^ {2}leaving +\d+ ms {2}pass$/m);
  expect(code).toBe(0);
  expect(await readdir(join(folder, 'fs-tests.dir'))).toEqual(['file', 'left.cleanup']);
});

describe('a run of all', () => {
  let ran: Ran;
  let report: { totals: object; tests: { name: string; outcome: string; notes: string[] }[] };
  beforeAll(async () => {
    const json = join(suite, 'report.json');
    ran = await conformance(suite, '--json', json);
    report = JSON.parse(await readFile(json, 'utf8')) as typeof report;
  });

  test('exits with 1 and says how many failed', () => {
    expect(ran.code).toBe(1);
    expect(ran.stdout).toContain('9 tests, 5 pass, 4 fail.');
    expect(ran.stderr).toContain('9 of 9, 4 failed');
  });

  test('names the tests for another WASI, which it does not run', () => {
    expect(ran.stdout).toContain('not run: tests/c/testsuite/wasm32-wasip3 (wasm32-wasip3)');
  });

  test('has no colours outside a terminal', () => expect(ran.stdout + ran.stderr).not.toContain('\u001b'));

  test('counts in JSON', () => {
    expect(report).toMatchObject({ wasi: '0.1', volume: 'host', totals: { tests: 9, pass: 5, fail: 4 } });
    expect(report.tests.filter(({ outcome }) => outcome === 'pass').map(({ name }) => name)).toEqual(RIGHT);
  });

  test.each([
    ['wrong-stdout', 'stdout "leaving=now\\n", expected "leaving"'],
    ['wrong-exit-code', 'exit code 2, expected 3'],
    ['wrong-root', 'ENOENT'],
    ['wrong-specification', 'operation "connect" is nothing that this runner can do'],
  ])('says what is wrong in %s', (name, fault) => {
    const { outcome, notes } = report.tests.find((each) => each.name === name) ?? {};
    expect(outcome).toBe('fail');
    expect(notes?.join('\n')).toContain(fault);
    expect(ran.stdout).toContain(fault);
  });
});

test('runs the same as components, under the same expectations', async () => {
  const names = ['arguments', 'unlinking', 'wrong-stdout', 'wrong-exit-code'];
  const { code, stdout } = await conformance(folder, '--wasi', '0.2', ...only(names));
  expect(stdout).toContain('WASI 0.2, host volume: 4 tests, 2 pass, 2 fail.');
  // That a component exits with 1 for 2 helps no test that is not in the table of exceptions.
  expect(stdout).toContain('exit code 1, expected 3');
  expect(code).toBe(1);
});

describe('tests for WASI 0.3', () => {
  const ECHO = [
    { type: 'run', args: ['echo'] },
    { type: 'write', id: 'stdin', payload: 'to and fro' },
    { type: 'read', id: 'stdout', payload: 'to and' },
    { type: 'read', id: 'stdout', payload: ' fro' },
    { type: 'wait' },
  ];
  const SERVE = [
    { type: 'run' },
    { type: 'request', path: '/hello', response: { status: 200, body: 'hello, world\n' } },
    { type: 'kill', signal: 'SIGINT' },
    { type: 'wait' },
  ];
  const world = 'wasi:http/service';
  const scripts: Readonly<Record<string, readonly [build: () => Promise<Uint8Array>, script: object]>> = {
    talking: [() => p3LibcGuest('stdio'), { operations: ECHO }],
    leaving: [() => p3LibcGuest('process'), { args: ['leave', 'exit', '33'], exit_code: 33 }],
    serving: [() => p3Guest('handler'), { world, operations: SERVE }],
    'wrong-words': [() => p3LibcGuest('process'), { args: ['leave'], stdout: 'staying=now' }],
    'wrong-answer': [
      () => p3Guest('handler'),
      {
        world,
        operations: [{ type: 'run' }, { type: 'request', response: { status: 201 } }, { type: 'wait' }],
      },
    ],
  };

  beforeAll(async () => {
    const p3 = join(suite, 'p3/wasm32-wasip3');
    await mkdir(p3, { recursive: true });
    for (const [name, [build, script]] of Object.entries(scripts)) {
      await writeFile(join(p3, `${name}.wasm`), await build());
      await writeFile(join(p3, `${name}.json`), JSON.stringify(script));
    }
  }, 120_000);

  test('are carried out step by step, through run and serve', async () => {
    const { code, stdout } = await conformance(join(suite, 'p3'), '--wasi', '0.3');
    expect(stdout).toContain('WASI 0.3, host volume: 5 tests, 3 pass, 2 fail.');
    expect(stdout).toContain('read: stdout "leaving=now", expected "staying=now"');
    expect(stdout).toMatch(/request: status \d+, expected 201/);
    expect(code).toBe(1);
  });
});

test.each<[string, string[], string]>([
  ['no folder', [], 'no SUITE_DIR was given'],
  ['two folders', ['a', 'b'], 'one SUITE_DIR at a time; found also b'],
  ['a folder that is not there', ['none'], 'none cannot be read'],
  ['a folder without tests', ['policies'], 'no tests for WASI 0.1 in policies'],
  ['an unknown volume', ['a', '--volume', 'disk'], '--volume is disk; expected host, memory, overlay'],
  ['an unknown WASI', ['a', '--wasi', '0.4'], '--wasi is 0.4; expected 0.1, 0.2, 0.3'],
  ['an unknown flag', ['a', '--fast'], "Unknown option '--fast'"],
  ['a command that is not built', ['a', '--command', 'none.js'], 'run `npm run build` first'],
])('%s: help, and exit code 2', async (_what, flags, message) => {
  const { code, stdout, stderr } = await conformance(...flags);
  expect(stderr).toContain(message);
  expect(stderr).toContain('npm run conformance -- SUITE_DIR [options]');
  expect([code, stdout]).toEqual([2, '']);
});

test('a test that is not there does not pass', async () => {
  const { code, stderr } = await conformance(suite, '--only', 'arguments', '--only', 'argument');
  expect(stderr).toContain('no such test: argument\n');
  expect(code).toBe(2);
});

test('--help is the help', async () => {
  expect(await conformance('--help')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('SUITE_DIR'),
  });
});
