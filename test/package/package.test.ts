import { existsSync } from 'node:fs';
import { cp, glob, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Installed, packAndInstall, type Ran, ROOT, run } from './install.ts';

const MAX_INSTALLED_BYTES = 30_000_000;

/** Enough to see that a program ran, and that its exit code came through. */
const EXITS_WITH_7 = `(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start") (call $proc_exit (i32.const 7))))`;

let installed: Installed;

beforeAll(async () => {
  installed = await packAndInstall();
  await cp(join(import.meta.dirname, 'samples'), installed.project, { recursive: true });
  await writeFile(join(installed.project, 'seven.wasm'), await parse(EXITS_WITH_7));
});

afterAll(async () => {
  await rm(installed.project, { recursive: true });
});

function node(...flags: string[]): Promise<Ran> {
  return run(process.execPath, flags, { cwd: installed.project });
}

/** The command as npm links it, on the Node.js that runs this test. */
function bailiwick(...flags: string[]): Promise<Ran> {
  return node(join(installed.project, 'node_modules', '.bin', 'bailiwick'), ...flags);
}

describe('the tarball', () => {
  test('holds what runs, its schema and its licences, and nothing else', () => {
    const { files } = installed;
    const expected = [
      'LICENSE',
      'NOTICE',
      'README.md',
      'dist/src/cli/bin.js',
      'dist/src/index.d.ts',
      'dist/src/index.js',
      'dist/src/policy/index.js',
      'dist/src/policy/validator.generated.js',
      'policies/policy.schema.json',
      'vendor/jco/LICENSE',
      'vendor/jco/bindgen.js',
    ];
    expect(expected.filter((file) => !files.includes(file))).toEqual([]);
    const places =
      /^(?:dist\/(?:src|shims)|vendor|policies|wit)\/|^(?:package\.json|LICENSE|NOTICE|(?:README|CHANGELOG)\.md)$/;
    expect(files.filter((file) => !places.test(file))).toEqual([]);
  });

  test(`takes at most ${MAX_INSTALLED_BYTES / 1e6} MB installed, with all its dependencies`, async () => {
    const bytes = await sizeOf(join(installed.project, 'node_modules'));
    console.log(`installed size: ${(bytes / 1e6).toFixed(1)} MB`);
    expect(bytes).toBeLessThan(MAX_INSTALLED_BYTES);
  });
});

describe('the API of the installed package', () => {
  test.each(['tsconfig.strictest.json', 'tsconfig.no-dom.json'])('type-checks with %s', async (config) => {
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const types = join(ROOT, 'node_modules', '@types');
    expect(await node(tsc, '-p', config, '--typeRoots', types)).toMatchObject({ stdout: '', code: 0 });
  });

  test('runs a program under a policy', async () => {
    expect(await node('api.ts')).toMatchObject({ stderr: '', stdout: 'exited with 7\n', code: 0 });
  });

  test('tells its metrics without OpenTelemetry', async () => {
    const stdout = 'bailiwick_instances_ended_total{tenant="sample",outcome="exit"} 1\n';
    expect(await node('metrics.ts')).toMatchObject({ stderr: '', stdout, code: 0 });
  });

  test('bailiwick/policy loads nothing of Node.js', async () => {
    const { code, stdout, stderr } = await node('policy-imports.ts');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const loaded = JSON.parse(stdout) as string[];
    expect(loaded.length).toBeGreaterThan(3);
    expect(loaded.filter((url) => !url.startsWith('file:'))).toEqual([]);
  });

  test('the schema can be imported', async () => {
    const { stdout } = await node(
      '--input-type=module',
      '--eval',
      "import schema from 'bailiwick/schema.json' with { type: 'json' }; console.log(schema.$schema);",
    );
    expect(stdout).toBe('https://json-schema.org/draft/2020-12/schema\n');
  });
});

describe('the command of the installed package', () => {
  test('--version prints the name and the version', async () => {
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(await bailiwick('--version')).toEqual({ code: 0, stdout: `bailiwick ${version}\n`, stderr: '' });
  });

  test("run ends with the program's own exit code", async () => {
    expect(await bailiwick('run', 'seven.wasm')).toEqual({ code: 7, stdout: '', stderr: '' });
  });
});

/** The user's own Node.js, when it is one that is too old; npm scripts put the project's Node.js before it. */
async function findOldNode(): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const candidate = join(folder, 'node');
    if (folder.startsWith(ROOT) || !existsSync(candidate)) continue;
    const { stdout } = await run(candidate, ['--version'], { cwd: ROOT });
    if (Number.parseInt(stdout.slice(1), 10) < 24) return candidate;
  }
  return undefined;
}

const oldNode = await findOldNode();

describe.skipIf(oldNode === undefined)('on a Node.js that is too old', () => {
  const old = (...flags: string[]): Promise<Ran> => run(oldNode ?? '', flags, { cwd: installed.project });

  test('the command says in one line what it needs', async () => {
    const { code, stdout, stderr } = await old(join('node_modules', '.bin', 'bailiwick'), '--version');
    expect({ code, stdout }).toEqual({ code: 125, stdout: '' });
    expect(stderr).toMatch(/^bailiwick: Node\.js 24 or later is needed, this is Node\.js \d+\.\d+\.\d+\n$/);
  });

  test('the library throws one clear error', async () => {
    const load = "import('bailiwick').catch((error) => console.log(error.name, error.code, error.message));";
    const { stdout, stderr } = await old('--input-type=module', '--eval', load);
    expect(stderr).toBe('');
    expect(stdout).toMatch(
      /^BailiwickError BW_NODE_VERSION Node\.js 24 or later is needed, this is Node\.js [\d.]+\n$/,
    );
  });
});

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for await (const file of glob('**', { cwd: folder })) {
    const entry = await stat(join(folder, file));
    if (entry.isFile()) bytes += entry.size;
  }
  return bytes;
}
