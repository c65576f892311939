import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { describe, expect, test } from 'vitest';
import { HELP } from '../../../src/cli/help.ts';
import { main } from '../../../src/cli/main.ts';
import { testIo } from './test-io.ts';

describe('help', () => {
  test.each([[], ['--help'], ['-h'], ['help'], ['policy', '--help']])(
    '%j is about all commands',
    async (...args: string[]) => {
      const io = testIo();
      expect(await main(args, io)).toBe(0);
      expect(io.out()).toBe(HELP['']);
    },
  );

  test.each(['run', 'serve', 'inspect', 'policy check', 'policy new'] as const)(
    '%s has its own, with examples',
    async (command) => {
      for (const flag of ['--help', '-h']) {
        const io = testIo();
        expect(await main([...command.split(' '), flag], io)).toBe(0);
        expect(io.out()).toBe(HELP[command]);
      }
      expect(HELP[command]).toContain(`Usage: bailiwick ${command}`);
      expect(HELP[command]).toContain('Examples:');
      expect(HELP['']).toContain(`  ${command} `);
    },
  );

  test.each(['run', 'serve'] as const)('names every flag of %s', async (command) => {
    const file = `../../../src/cli/${command}-flags.ts`;
    const source = await readFile(new URL(file, import.meta.url), 'utf8');
    const flags = [...source.matchAll(/^ {2}'?([a-z-]+)'?: \{ type:/gm)].map((match) => `--${match[1]}`);
    expect(flags.length).toBeGreaterThan(6);
    for (const flag of flags) expect(HELP[command]).toContain(`  ${flag}`);
  });
});

test('the version is the package’s', async () => {
  const { version } = JSON.parse(
    await readFile(new URL('../../../package.json', import.meta.url), 'utf8'),
  ) as { version: string };
  for (const flag of ['--version', '-V']) {
    const io = testIo();
    expect(await main([flag], io)).toBe(0);
    expect(io.out()).toBe(`bailiwick ${version}\n`);
  }
});

test.each([
  [['rnu', 'p.wasm'], 'rnu'],
  [['policy'], 'policy'],
  [['policy', 'chekc'], 'policy chekc'],
  [['constructor'], 'constructor'],
  [['\u001b[2J'], '\\u001b[2J'],
])('%j is no command: that is 125, and the commands there are', async (args, name) => {
  const io = testIo();
  expect(await main(args, io)).toBe(125);
  expect(io.out()).toBe('');
  expect(io.err()).toBe(
    `bailiwick: there is no command "${name}".\n  hint: run, serve, inspect, policy check, policy new; see \`bailiwick --help\`.\n`,
  );
});

describe('errors', () => {
  const ERROR = 'error[BW_PROGRAM_UNREADABLE]: The program "x.wasm" cannot be read: ENOENT.\n';

  test('have a code and a hint, and are 125', async () => {
    const io = testIo({ '/project/x.wasm': 'PK\u0003\u0004' });
    expect(await main(['inspect', 'x.wasm'], io)).toBe(125);
    expect(io.out()).toBe('');
    expect(io.err()).toBe(
      'bailiwick: error[BW_PROGRAM_NOT_WASM]: x.wasm is not WebAssembly: found a zip archive, expected the bytes 00 61 73 6d ("\\0asm") at the start.\n' +
        '  hint: Unpack it and name the .wasm file inside.\n',
    );
  });

  test.each<[string, Parameters<typeof testIo>[1], string]>([
    ['without a terminal have no colour', {}, `bailiwick: ${ERROR}`],
    ['with NO_COLOR have none either', { isTTY: true, env: { NO_COLOR: '' } }, `bailiwick: ${ERROR}`],
    [
      'on a terminal are red',
      { isTTY: true },
      `bailiwick: \u001b[31merror\u001b[0m${ERROR.slice('error'.length)}`,
    ],
  ])('%s', async (_, options, text) => {
    const io = testIo({}, options);
    await main(['inspect', 'x.wasm'], io);
    expect(io.err()).toBe(text);
  });

  test('never carry a control sequence from a name to the terminal', async () => {
    const io = testIo({ '/project/\u001b[2J.wasm': 'text' });
    expect(await main(['inspect', '\u001b[2J.wasm'], io)).toBe(125);
    expect(io.err()).toContain('\\u001b[2J.wasm is not WebAssembly');
    expect(io.err()).not.toContain('\u001b');
  });

  test('that nobody foresaw are 125 too, and show where they come from', async () => {
    const stdout = {
      write: () => {
        throw new RangeError('no room');
      },
    };
    const io = testIo({}, { stdout });
    expect(await main(['policy', 'new'], io)).toBe(125);
    expect(io.err()).toMatch(
      /^bailiwick: this is a fault of bailiwick's own, please report it:\nRangeError: no room\n {4}at /,
    );
  });
});

describe('inspect', () => {
  const WAT = `(module (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
    (import "env" "evil\\1b[2J\\0aimports" (func)) (func (export "_start")))`;

  test('tells what a program is, what it can ask for, and its names line by line', async () => {
    const bytes = await parse(WAT);
    const io = testIo({ '/project/p.wasm': bytes });
    expect(await main(['inspect', 'p.wasm'], io)).toBe(0);
    expect(io.out()).toBe(
      [
        'program      p.wasm',
        'what         core module, command',
        'WASI         0.1',
        `size         ${bytes.length} bytes`,
        `sha256       ${createHash('sha256').update(bytes).digest('hex')}`,
        'can ask for  stdio',
        'imports      wasi_snapshot_preview1.fd_write',
        '             env.evil\\u{1b}[2J\\u{a}imports',
        'exports      _start',
        '',
      ].join('\n'),
    );
  });

  test('--json gives the same to programs', async () => {
    const io = testIo({ '/project/p.wasm': await parse(WAT) });
    expect(await main(['inspect', '--json', 'p.wasm'], io)).toBe(0);
    expect(JSON.parse(io.out())).toMatchObject({
      kind: 'module',
      shape: 'command',
      wasi: ['0.1'],
      capabilities: ['stdio'],
      imports: ['wasi_snapshot_preview1.fd_write', 'env.evil\u001b[2J\nimports'],
      supported: true,
    });
  });

  test('says why a program cannot run', async () => {
    const io = testIo({
      '/project/p.wasm': await parse('(component (import "wasi:cli/run@0.3.0-rc-2026-03-15" (instance)))'),
    });
    expect(await main(['inspect', 'p.wasm'], io)).toBe(0);
    expect(io.out()).toMatch(
      /\ncannot run {3}it is built for WASI 0\.3\.0-rc-2026-03-15, a draft .*; supported are 0\.1, 0\.2 and 0\.3\.0\n/,
    );
  });

  test.each([[[]], [['a.wasm', 'b.wasm']], [['--josn', 'a.wasm']]])('%j is a mistake', async (args) => {
    const io = testIo();
    expect(await main(['inspect', ...args], io)).toBe(125);
    expect(io.err()).toContain('error[BW_USAGE]');
    expect(io.err()).toContain('hint: bailiwick inspect [--json] PROGRAM.wasm');
  });
});
