import { glob, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { normalizePolicy, parsePolicy, PRESETS } from '../../../src/policy/index.ts';

const POLICIES = join(import.meta.dirname, '..', '..', '..', 'policies');
const files = (await Array.fromAsync(glob('**/*.jsonc', { cwd: POLICIES }))).toSorted();

test.each(files)('%s is valid', async (file) => {
  const policy = parsePolicy(await readFile(join(POLICIES, file), 'utf8'), { file });
  expect(policy.$schema).toBe('../policy.schema.json');
  expect(policy.description).toBeDefined();
});

test('the embedded presets are those of policies/presets', async () => {
  const presets = files.filter((file) => file.startsWith('presets/'));
  expect([...PRESETS.keys()]).toEqual(presets.map((file) => basename(file, '.jsonc')));
  for (const file of presets) {
    expect(PRESETS.get(basename(file, '.jsonc'))).toBe(await readFile(join(POLICIES, file), 'utf8'));
  }
});

test('what is commented out in a preset is valid too', () => {
  for (const [name, text] of PRESETS) {
    const uncommented = text.replace(/^( *)\/\/ (?="|  \{|\])/gm, '$1');
    expect(uncommented).not.toBe(text);
    expect(() => parsePolicy(uncommented, { file: name })).not.toThrow();
    expect(parsePolicy(uncommented).filesystem.length).toBeGreaterThan(0);
  }
});

describe('presets', () => {
  const preset = (name: string): object => {
    const { version: _, ...sections } = normalizePolicy({ version: 1, extends: [`preset:${name}`] });
    return sections;
  };
  const nothing = {
    filesystem: [],
    http: [],
    sockets: [],
    dns: [],
    clocks: { wall: false, monotonic: false },
    random: false,
    environment: {},
    arguments: false,
    stdio: { stdin: false, stdout: false, stderr: false },
    limits: {},
    audit: { level: 'denials' },
  };
  const streams = { arguments: true, stdio: { stdin: true, stdout: true, stderr: true } };

  test('none grants nothing', () => {
    expect(preset('none')).toEqual(nothing);
  });

  test('command grants what a command-line program expects, and no files', () => {
    const clocks = { wall: { resolution: '1ms' }, monotonic: { resolution: '1ms' } };
    expect(preset('command')).toEqual({ ...nothing, ...streams, clocks, random: 'secure' });
  });

  test('deterministic grants nothing that differs between runs', () => {
    const virtual = '2026-01-01T00:00:00Z';
    const clocks = { wall: { virtual }, monotonic: { virtual } };
    expect(preset('deterministic')).toEqual({
      ...nothing,
      ...streams,
      clocks,
      random: { seed: 'bailiwick' },
    });
  });
});
