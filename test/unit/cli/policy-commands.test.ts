import { describe, expect, test } from 'vitest';
import type { CliIo } from '../../../src/cli/io.ts';
import { policyCheck } from '../../../src/cli/policy-check.ts';
import { policyNew } from '../../../src/cli/policy-new.ts';
import { parsePolicy, PRESETS, printPolicy } from '../../../src/policy/index.ts';

/** A command's surroundings made of given files, with what it wrote. */
function makeIo(
  files: Readonly<Record<string, string | Uint8Array>> = {},
): CliIo & { out(): string; err(): string } {
  let out = '';
  let err = '';
  return {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    readFile: async (path) => {
      const content = Object.hasOwn(files, path) ? files[path] : undefined;
      if (content === undefined) throw Object.assign(new Error(`no file ${path}`), { code: 'ENOENT' });
      return typeof content === 'string' ? new TextEncoder().encode(content) : content;
    },
    env: {},
    cwd: '/project',
    out: () => out,
    err: () => err,
  };
}

describe('policy check', () => {
  test('prints the normal form, which checks again', async () => {
    const io = makeIo({ '/project/p.jsonc': '{ "version": 1, "arguments": true, } // ok' });
    expect(await policyCheck(['p.jsonc'], io)).toBe(0);
    expect(io.out()).toBe(printPolicy(parsePolicy('{ "version": 1, "arguments": true }')));
    expect(io.err()).toBe('');
  });

  test('--json adds the digest', async () => {
    const io = makeIo({ '/project/p.jsonc': '{ "version": 1 }' });
    expect(await policyCheck(['--json', 'p.jsonc'], io)).toBe(0);
    expect(JSON.parse(io.out())).toMatchObject({
      valid: true,
      digest: '5bb7d17d5af8c51233a91b7dd61e15bc29cf0213d18c5358caa14dfa594c2c4f',
      policy: { version: 1, random: false },
    });
  });

  test('presets are policies too', async () => {
    const io = makeIo();
    expect(await policyCheck(['preset:command'], io)).toBe(0);
    expect(JSON.parse(io.out())).toMatchObject({ random: 'secure' });
  });

  const BROKEN = '{\n  "version": 1,\n  "argumens": true,\n  "random": 1\n}';

  test('every problem goes to standard error, with its place', async () => {
    const io = makeIo({ '/project/sub/p.jsonc': BROKEN });
    expect(await policyCheck(['sub/p.jsonc'], io)).toBe(125);
    expect(io.out()).toBe('');
    const lines = io.err().trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(
      /^sub\/p\.jsonc:3:3: \/argumens: unknown key: found "argumens", expected one of/,
    );
    expect(lines[1]).toBe('    hint: did you mean `arguments`?');
    expect(lines[2]).toMatch(/^sub\/p\.jsonc:4:13: \/random: wrong value: found 1, expected "secure"/);
  });

  test('--json has the problems on standard output as well', async () => {
    const io = makeIo({ '/project/p.jsonc': BROKEN });
    expect(await policyCheck(['p.jsonc', '--json'], io)).toBe(125);
    expect(JSON.parse(io.out())).toMatchObject({
      valid: false,
      problems: [
        { file: 'p.jsonc', line: 3, column: 3, pointer: '/argumens', hint: 'did you mean `arguments`?' },
        { file: 'p.jsonc', line: 4, column: 13, pointer: '/random', found: '1' },
      ],
    });
  });

  test('files are extended by their path, from the file that names them', async () => {
    const io = makeIo({
      '/project/sub/p.jsonc': '{ "version": 1, "extends": ["../shared/a.jsonc", "./b.jsonc"] }',
      '/project/shared/a.jsonc': '{ "version": 1, "extends": ["./c.jsonc"], "random": "secure" }',
      '/project/shared/c.jsonc':
        '{ "version": 1, "filesystem": [{ "mount": "/c", "host": "./c", "access": "read" }] }',
      '/project/sub/b.jsonc': '{ "version": 1, "arguments": true }',
    });
    expect(await policyCheck(['sub/p.jsonc'], io)).toBe(0);
    expect(JSON.parse(io.out())).toMatchObject({
      random: 'secure',
      arguments: true,
      filesystem: [{ id: 'filesystem/0', mount: '/c', host: '../shared/c' }],
    });
  });

  test('problems of an extended file have its name; a file that is not there is a problem', async () => {
    const io = makeIo({
      '/project/p.jsonc': '{ "version": 1, "extends": ["./a.jsonc", "./none.jsonc"] }',
      '/project/a.jsonc': '{ "version": 1, "x": 1 }',
    });
    expect(await policyCheck(['p.jsonc'], io)).toBe(125);
    expect(io.err()).toMatch(
      /^p\.jsonc:1:42: \/extends\/1: no such policy: found "\.\/none\.jsonc"[^\n]*\na\.jsonc:1:17: \/x: unknown key/,
    );
  });

  test('a name that is no path is not looked for among the files', async () => {
    const io = makeIo({
      '/project/p.jsonc': '{ "version": 1, "extends": ["base"] }',
      '/project/base': '{ "version": 1, "arguments": true }',
    });
    expect(await policyCheck(['p.jsonc'], io)).toBe(125);
    expect(io.err()).toMatch(/^p\.jsonc:1:29: \/extends\/0: no such policy: found "base"/);
  });

  test('files that extend each other are a cycle, under whatever path', async () => {
    const io = makeIo({
      '/project/p.jsonc': '{ "version": 1, "extends": ["./sub/../a.jsonc"] }',
      '/project/a.jsonc': '{ "version": 1, "extends": ["./p.jsonc"] }',
    });
    expect(await policyCheck(['p.jsonc'], io)).toBe(125);
    expect(io.err()).toMatch(
      /^a\.jsonc:1:29: \/extends\/0: a cycle of `extends`: "p\.jsonc" → "a\.jsonc" → "p\.jsonc"/,
    );
  });

  test.each<[string, Uint8Array | undefined, RegExp]>([
    ['that is not there', undefined, /"p\.jsonc" cannot be read: ENOENT/],
    ['that is not UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d), /"p\.jsonc" cannot be read: not valid UTF-8/],
  ])('a file %s', async (_, content, message) => {
    const io = makeIo(content === undefined ? {} : { '/project/p.jsonc': content });
    const error = expect.objectContaining({
      code: 'BW_POLICY_UNREADABLE',
      message: expect.stringMatching(message) as string,
    });
    await expect(policyCheck(['p.jsonc'], io)).rejects.toEqual(error);
  });

  test.each([[[]], [['a', 'b']], [['--nope', 'a']]])('arguments %j are wrong', async (args) => {
    await expect(policyCheck(args, makeIo())).rejects.toMatchObject({ code: 'BW_USAGE' });
  });
});

describe('policy new', () => {
  test.each([...PRESETS.keys()])(
    '%s is a policy with comments that grants what the preset grants',
    async (name) => {
      const io = makeIo();
      expect(await policyNew([name], io)).toBe(0);
      const { $schema, ...policy } = parsePolicy(io.out());
      expect($schema).toBe('./node_modules/bailiwick/policies/policy.schema.json');
      const { $schema: _, ...preset } = parsePolicy(PRESETS.get(name) ?? '');
      expect(policy).toEqual(preset);
      expect(io.out()).toMatch(/^\/\/ /);
    },
  );

  test('without a name it is command', async () => {
    const [byDefault, named] = [makeIo(), makeIo()];
    await policyNew([], byDefault);
    await policyNew(['preset:command'], named);
    expect(byDefault.out()).toBe(named.out());
    expect(byDefault.out()).toContain('"secure"');
  });

  test.each([[['nope']], [['none', 'command']]])('arguments %j are wrong', async (args) => {
    await expect(policyNew(args, makeIo())).rejects.toMatchObject({
      code: 'BW_USAGE',
      hint: 'The presets are command, deterministic, none.',
    });
  });
});
