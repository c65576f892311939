import { describe, expect, test } from 'vitest';
import { type DirectoryFlag, parseRunFlags } from '../../../src/cli/run-flags.ts';
import { UsageError } from '../../../src/errors.ts';

test('without flags there is the program alone', () => {
  expect(parseRunFlags(['p.wasm'])).toEqual({
    policy: undefined,
    directories: [],
    environment: [],
    network: { http: [], sockets: [], dns: [], secrets: [], nameServers: [], listeners: [] },
    timeout: undefined,
    maxMemory: undefined,
    audit: undefined,
    changes: undefined,
    tenant: 'default',
    isolation: 'inline',
    useCache: true,
    printPolicy: false,
    program: 'p.wasm',
    args: [],
  });
});

test('every flag', () => {
  const flags = [
    '--policy',
    'p.jsonc',
    '--dir',
    'a::/a',
    '--dir=b',
    '--env',
    'A=1',
    '--env=B',
    '--timeout',
    '5s',
    '--max-memory',
    '64MiB',
    '--lookup',
    'example.com',
  ];
  expect(
    parseRunFlags([
      ...flags,
      '--audit',
      'log',
      '--changes',
      'c.tar',
      '--tenant',
      'acme',
      '--isolation',
      'process',
      '--no-cache',
      '--print-policy',
      'p.wasm',
    ]),
  ).toEqual({
    policy: 'p.jsonc',
    directories: [
      { host: 'a', guest: '/a', mode: 'rw' },
      { host: 'b', guest: '/b', mode: 'rw' },
    ],
    environment: [
      { name: 'A', value: '1' },
      { name: 'B', value: undefined },
    ],
    network: {
      http: [],
      sockets: [],
      dns: [{ id: 'lookup-0', names: ['example.com'] }],
      secrets: [],
      nameServers: [],
      listeners: [],
    },
    timeout: '5s',
    maxMemory: '64MiB',
    audit: 'log',
    changes: 'c.tar',
    tenant: 'acme',
    isolation: 'process',
    useCache: false,
    printPolicy: true,
    program: 'p.wasm',
    args: [],
  });
});

describe('what stands after the program is the program’s', () => {
  test.each([
    [['p.wasm', '--dir', 'a::/b', '-h', '--', '--env=X', '']],
    [['--', 'p.wasm', '--dir', 'a::/b', '-h', '--', '--env=X', '']],
  ])('%j', (args) => {
    expect(parseRunFlags(args)).toMatchObject({
      program: 'p.wasm',
      directories: [],
      args: ['--dir', 'a::/b', '-h', '--', '--env=X', ''],
    });
  });

  test('a flag’s value is not the program', () => {
    expect(parseRunFlags(['--tenant', 'x.wasm', 'p.wasm', 'y'])).toMatchObject({
      tenant: 'x.wasm',
      program: 'p.wasm',
      args: ['y'],
    });
  });

  test('after two dashes the program may begin with one', () => {
    expect(parseRunFlags(['--no-cache', '--', '-p.wasm'])).toMatchObject({
      program: '-p.wasm',
      useCache: false,
    });
  });
});

test.each<[string, DirectoryFlag]>([
  ['/srv/data', { host: '/srv/data', guest: '/srv/data', mode: 'rw' }],
  ['data', { host: 'data', guest: '/data', mode: 'rw' }],
  ['./data/', { host: './data/', guest: '/data', mode: 'rw' }],
  ['.', { host: '.', guest: '/', mode: 'rw' }],
  ['.cache', { host: '.cache', guest: '/.cache', mode: 'rw' }],
  ['..::/up', { host: '..', guest: '/up', mode: 'rw' }],
  ['data::work', { host: 'data', guest: '/work', mode: 'rw' }],
  ['data::/', { host: 'data', guest: '/', mode: 'rw' }],
  ['data::/a//b/', { host: 'data', guest: '/a/b', mode: 'rw' }],
  ['data::/a::ro', { host: 'data', guest: '/a', mode: 'ro' }],
  ['data::/a::rw', { host: 'data', guest: '/a', mode: 'rw' }],
  ['a:b::/c:d', { host: 'a:b', guest: '/c:d', mode: 'rw' }],
])('--dir %s', (flag, directory) => {
  expect(parseRunFlags(['--dir', flag, 'p.wasm']).directories).toEqual([directory]);
});

test.each([
  ['A=', 'A', ''],
  ['A=b=c', 'A', 'b=c'],
  ['A', 'A', undefined],
])('--env %s', (flag, name, value) => {
  expect(parseRunFlags(['--env', flag, 'p.wasm']).environment).toEqual([{ name, value }]);
});

describe('mistakes are told with what was expected', () => {
  test.each<[string[], string, string | undefined]>([
    [
      [],
      'No program was named: expected `bailiwick run [OPTIONS] PROGRAM.wasm [ARGS...]`.',
      'See `bailiwick run --help`.',
    ],
    [['--no-cache'], 'No program was named', undefined],
    [['--polcy', 'x', 'p.wasm'], "Unknown option '--polcy'", 'See `bailiwick run --help`.'],
    [['--no-cache=yes', 'p.wasm'], "Option '--no-cache' does not take an argument", undefined],
    [['--timeout'], "Option '--timeout <value>' argument missing", undefined],
    [
      ['--timeout', '5x', 'p.wasm'],
      '--timeout: found "5x", expected a duration',
      'the units are ns, us, ms, s, min, h, d',
    ],
    [['--timeout', '5', 'p.wasm'], '--timeout: found "5", expected a duration', 'add a unit ("5s")'],
    [
      ['--max-memory', '64M', 'p.wasm'],
      '--max-memory: found "64M", expected a size',
      'did you mean "64MiB"?',
    ],
    [
      ['--dir', '', 'p.wasm'],
      '--dir "" is not understood: expected HOST::GUEST or HOST::GUEST::MODE, MODE one of rw, ro, overlay, memory, image.',
      'For example --dir ./data::/data::ro',
    ],
    [['--dir', '::/a', 'p.wasm'], '--dir "::/a" is not understood', undefined],
    [['--dir', 'a::', 'p.wasm'], '--dir "a::" is not understood', undefined],
    [['--dir', 'a::/b::r', 'p.wasm'], '--dir "a::/b::r" is not understood', undefined],
    [['--dir', 'a::/b::ro::x', 'p.wasm'], 'is not understood', undefined],
    [
      ['--dir', '../a', 'p.wasm'],
      '--dir "../a" is not understood: expected a GUEST without `..`.',
      undefined,
    ],
    [
      ['--isolation', 'proces', 'p.wasm'],
      '--isolation is "proces"; expected one of inline, thread, process.',
      '--isolation process',
    ],
    [['--isolation=', 'p.wasm'], '--isolation is ""', undefined],
    [['--env', '=1', 'p.wasm'], '--env "=1" is not understood: expected NAME=VALUE or NAME.', undefined],
    [
      ['--inherit-network', 'p.wasm'],
      '--inherit-network is not supported:',
      '--http, --connect, --listen, --lookup',
    ],
  ])('%j', (args, message, hint) => {
    const parse = (): unknown => parseRunFlags(args);
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(message);
    if (hint !== undefined)
      expect(parse).toThrow(expect.objectContaining({ hint: expect.stringContaining(hint) }));
  });

  test('only --print-policy needs no program', () => {
    expect(parseRunFlags(['--print-policy'])).toMatchObject({ program: undefined, printPolicy: true });
  });
});
