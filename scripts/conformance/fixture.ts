import { cp, glob, mkdtempDisposable, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adaptCommand } from '../../test/guests/adapt.ts';
import { addGuardedRealloc } from '../../test/guests/guarded-realloc.ts';
import type { Setting } from './setting.ts';
import type { TestCase } from './suite.ts';

/** What one test works on, and nobody else: gone when it is over. */
export interface Fixture extends AsyncDisposable {
  /** The directory that becomes the guest's `/`; undefined when the test has none. */
  readonly root: string | undefined;
  readonly program: string;
}

/** @param root the suite's directory for the test */
export async function makeFixture(
  test: TestCase,
  root: string | undefined,
  setting: Setting,
): Promise<Fixture> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'bailiwick-conformance-'));
  const fixture = { [Symbol.asyncDispose]: () => folder.remove() };
  try {
    return {
      ...fixture,
      root: root === undefined ? undefined : await copyRoot(root, join(folder.path, 'root')),
      program: await programOf(test, setting, folder.path),
    };
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

/** Without what an earlier run of the suite's own runner left in the checkout. */
async function copyRoot(root: string, path: string): Promise<string> {
  await cp(root, path, { recursive: true, verbatimSymlinks: true });
  for await (const leftover of glob('**/*.cleanup', { cwd: path })) {
    await rm(join(path, leftover), { recursive: true, force: true });
  }
  return path;
}

/** The suite's module as it is, or the component that is made of it. */
async function programOf(test: TestCase, { wasi }: Setting, folder: string): Promise<string> {
  if (wasi !== '0.2') return test.program;
  const path = join(folder, `${test.name}.wasm`);
  const module = addGuardedRealloc(await readFile(test.program));
  await writeFile(path, await adaptCommand(test.name, module));
  return path;
}
