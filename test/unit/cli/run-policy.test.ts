import { describe, expect, test } from 'vitest';
import { main } from '../../../src/cli/main.ts';
import { parseRunFlags } from '../../../src/cli/run-flags.ts';
import { makeRunPolicy, type RunPolicy } from '../../../src/cli/run-policy.ts';
import { ACCESS_WORDS, normalizePolicy, parsePolicy } from '../../../src/policy/index.ts';
import { testIo } from './test-io.ts';

function make(flags: readonly string[], files: Readonly<Record<string, string>> = {}): Promise<RunPolicy> {
  return makeRunPolicy(parseRunFlags([...flags, 'p.wasm']), testIo(files));
}

const COMMAND = normalizePolicy({ version: 1, extends: ['preset:command'] });

test('without --policy it is preset:command', async () => {
  expect(await make([])).toEqual({ policy: COMMAND, relativeTo: '/project' });
});

test('flags add to it', async () => {
  const { policy } = await make([
    '--dir',
    'a::/a::ro',
    '--dir',
    '/b',
    '--env',
    'A=1',
    '--env',
    'B',
    '--timeout',
    '90s',
    '--max-memory',
    '65536',
  ]);
  expect(policy).toEqual({
    ...COMMAND,
    filesystem: [
      { id: 'dir-0', mount: '/a', host: '/project/a', access: ['list', 'read'] },
      // All of it, links included: as with other runtimes, whoever names a directory gives it away.
      { id: 'dir-1', mount: '/b', host: '/b', access: ACCESS_WORDS.toSorted() },
    ],
    environment: { A: '1', B: { from: 'host' } },
    limits: { deadline: '90s', memory: 65_536 },
  });
});

describe('a policy file', () => {
  const files = {
    '/project/sub/p.jsonc': `{ "version": 1, "extends": ["./base.json"], // a comment
      "filesystem": [{ "id": "in", "mount": "/in", "host": "./in", "access": "read" }], "environment": { "A": "file" },
      "limits": { "deadline": "5s", "memory": "1MiB" } }`,
    '/project/sub/base.json': '{ "version": 1, "arguments": true }',
  };

  test('is where its relative paths start; flags add to it and replace single values', async () => {
    const { policy, relativeTo } = await make(
      ['--policy', 'sub/p.jsonc', '--dir', 'x', '--env', 'A=flag', '--timeout', '1s'],
      files,
    );
    expect(relativeTo).toBe('/project/sub');
    expect(policy).toMatchObject({
      filesystem: [
        { id: 'in', host: './in' },
        { id: 'dir-0', host: '/project/x' },
      ],
      environment: { A: 'flag' },
      limits: { deadline: '1s', memory: 2 ** 20 },
      arguments: true,
      random: false,
    });
  });

  test('that cannot be read is an error with a hint', async () => {
    await expect(make(['--policy', 'none.jsonc'])).rejects.toMatchObject({
      code: 'BW_POLICY_UNREADABLE',
      message: 'The policy "none.jsonc" cannot be read: ENOENT.',
      hint: expect.stringContaining('preset:command'),
    });
  });

  test('problems have their place in it', async () => {
    await expect(make(['--policy', 'p.json'], { '/project/p.json': '{\n "version": 2 }' })).rejects.toThrow(
      'p.json:2:13: /version',
    );
  });

  test('a mount that a flag adds a second time is an error', async () => {
    await expect(make(['--policy', 'sub/p.jsonc', '--dir', 'x::/in'], files)).rejects.toMatchObject({
      code: 'BW_POLICY_INVALID',
    });
  });
});

test('--print-policy prints what the flags make, ready to be a policy file', async () => {
  const io = testIo();
  const flags = ['--dir', 'a::/a', '--env', 'A', '--timeout', '2min'];
  expect(await main(['run', ...flags, '--print-policy'], io)).toBe(0);
  expect(parsePolicy(io.out())).toEqual((await make(flags)).policy);
  expect(io.err()).toBe('');
});
