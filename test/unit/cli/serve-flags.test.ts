import { describe, expect, test } from 'vitest';
import { parseServeFlags } from '../../../src/cli/serve-flags.ts';
import { UsageError } from '../../../src/errors.ts';

test('without flags there is the program alone, on this machine alone', () => {
  expect(parseServeFlags(['p.wasm'])).toMatchObject({
    host: '127.0.0.1',
    port: 8080,
    program: 'p.wasm',
    routes: undefined,
    metrics: undefined,
    reuse: undefined,
    verbose: false,
    grants: { policy: undefined, tenant: 'default', isolation: 'inline', useCache: true },
  });
});

test('every flag of its own, before and after the program', () => {
  const flags = [
    '--reuse',
    '5',
    '--max-concurrent=7',
    '--max-body',
    '1MiB',
    'p.wasm',
    '--grace',
    '2s',
    '--verbose',
  ];
  expect(parseServeFlags([...flags, '--timeout', '1s', '--isolation', 'process'])).toMatchObject({
    reuse: 5,
    maxConcurrent: 7,
    maxBody: 2 ** 20,
    grace: 2000,
    verbose: true,
    grants: { timeout: '1s', isolation: 'process' },
  });
});

test.each([
  ['0.0.0.0:80', '0.0.0.0', 80],
  ['localhost:0', 'localhost', 0],
  ['[::1]:8080', '::1', 8080],
  [':9000', '127.0.0.1', 9000],
])('--addr %s', (flag, host, port) => {
  expect(parseServeFlags(['--addr', flag, 'p.wasm'])).toMatchObject({ host, port });
});

test.each([
  ['127.0.0.1:9464', '127.0.0.1', 9464],
  [':9464', '127.0.0.1', 9464],
  ['[::1]:0', '::1', 0],
])('--metrics %s, beside --addr', (flag, host, port) => {
  expect(parseServeFlags(['--metrics', flag, 'p.wasm'])).toMatchObject({
    host: '127.0.0.1',
    port: 8080,
    metrics: { host, port },
  });
  expect(parseServeFlags(['--metrics', flag, '--routes', 'r.json']).metrics).toEqual({ host, port });
});

describe('what is wrong is told', () => {
  test.each([
    [[], 'Expected one component, or --routes FILE.'],
    [['a.wasm', 'b.wasm'], 'Expected one component, or --routes FILE.'],
    [['--routes', 'r.json', 'a.wasm'], 'Expected one component, or --routes FILE.'],
    [
      ['--routes', 'r.json', '--policy', 'p.json'],
      '--policy is for one program; with --routes the file says it.',
    ],
    [['--routes', 'r.json', '--dir', 'x'], '--dir is for one program'],
    [['--routes', 'r.json', '--isolation', 'thread'], '--isolation is for one program'],
    [['--isolation', 'vm', 'p.wasm'], '--isolation is "vm"; expected one of inline, thread, process.'],
    [['--addr', '8080', 'p.wasm'], '--addr "8080" is not understood: expected HOST:PORT.'],
    [['--addr', 'a:65536', 'p.wasm'], '--addr "a:65536" is not understood'],
    [['--addr', '::1:80', 'p.wasm'], '--addr "::1:80" is not understood'],
    [['--metrics', '9464', 'p.wasm'], '--metrics "9464" is not understood: expected HOST:PORT.'],
    [['--reuse', '0', 'p.wasm'], '--reuse is "0"; expected a whole number from 1 up.'],
    [['--max-concurrent', '1e3', 'p.wasm'], '--max-concurrent is "1e3"'],
    [['--max-body', 'much', 'p.wasm'], '--max-body: '],
    [['--grace', '5', 'p.wasm'], '--grace: '],
    [['--inherit-network', 'p.wasm'], '--inherit-network is not supported'],
    [['--nothing', 'p.wasm'], "Unknown option '--nothing'"],
  ])('%j', (args, message) => {
    expect(() => parseServeFlags(args)).toThrow(UsageError);
    expect(() => parseServeFlags(args)).toThrow(message);
  });
});
