import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import type { Setting } from './setting.ts';

/** One program of the suite, and the file that says what it should do. */
export interface TestCase {
  /** The folder of its suite, as seen from the root of the checkout. */
  readonly suite: string;
  readonly name: string;
  readonly program: string;
  /** May be missing. */
  readonly specification: string;
}

export interface Suite {
  readonly tests: readonly TestCase[];
  /** Folders whose tests are for another WASI: folder and version. */
  readonly others: readonly string[];
}

const WASI_0_1 = 'wasm32-wasip1';

/** What the suite calls the tests for each WASI; components of 0.2 are made of those for 0.1. */
const TARGETS = { '0.1': WASI_0_1, '0.2': WASI_0_1, '0.3': 'wasm32-wasip3' } as const;

/**
 * Finds the tests under `folder`, which may be the checkout or any folder of it.
 *
 * @throws when there are none
 */
export async function findTests(folder: string, wasi: Setting['wasi']): Promise<Suite> {
  const tests: TestCase[] = [];
  const others: string[] = [];
  for (const [path, names] of await programFolders(folder)) {
    const suite = relative(folder, path) || basename(path);
    const version = await versionOf(path);
    if (version !== TARGETS[wasi]) others.push(`${suite} (${version})`);
    else tests.push(...names.map((name) => testCase(suite, path, name)));
  }
  return { tests, others };
}

function testCase(suite: string, path: string, program: string): TestCase {
  const name = basename(program, '.wasm');
  return { suite, name, program: join(path, program), specification: join(path, `${name}.json`) };
}

/** @returns the folders that have programs in them, sorted, with the names of the programs */
async function programFolders(folder: string): Promise<[string, string[]][]> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const folders = new Map<string, string[]>();
  for (const { name, parentPath } of files.filter((each) => each.isFile() && each.name.endsWith('.wasm'))) {
    const names = folders.get(parentPath) ?? [];
    folders.set(parentPath, [...names, name].toSorted());
  }
  return [...folders].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** As the manifest says, or the folder's name, which the suite's own runner reads as a version too. */
async function versionOf(folder: string): Promise<string> {
  const manifest = await readFile(join(folder, 'manifest.json'), 'utf8').catch(() => '{}');
  const { version } = JSON.parse(manifest) as { version?: unknown };
  if (typeof version === 'string') return version;
  return basename(folder).startsWith('wasm32-') ? basename(folder) : WASI_0_1;
}
