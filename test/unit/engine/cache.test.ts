import { execFile } from 'node:child_process';
import {
  chmod,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DirectoryCacheStore } from '../../../src/ambient/cache-store.ts';
import { nodeMachine } from '../../../src/ambient/machine.ts';
import { CompileCache } from '../../../src/engine/cache.ts';

const KEY = 'a'.repeat(64);
const PARTS = new Map([
  ['glue.js', Buffer.from('export {}')],
  ['empty', Buffer.of()],
  ['core "0".wasm', Buffer.of(0, 10, 255)],
]);

let root: string;
let directory: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'bailiwick-cache-'));
  directory = join(root, 'deep', 'cache');
});
afterEach(() => rm(root, { recursive: true }));

function open(maxBytes = 1e6): CompileCache {
  return new CompileCache(new DirectoryCacheStore(directory, maxBytes), nodeMachine);
}

function entry(key: string): string {
  return join(directory, `${key}.bwc`);
}

test('what was written is read, by another process’s cache too', async () => {
  expect(await open().read(KEY)).toBeUndefined();
  await open().write(KEY, PARTS);
  expect(await open().read(KEY)).toEqual(PARTS);
  expect(await readdir(directory)).toEqual([`${KEY}.bwc`]);
});

test('only its owner may look into it', async () => {
  await open().write(KEY, PARTS);
  expect((await stat(directory)).mode & 0o777).toBe(0o700);
  expect((await stat(entry(KEY))).mode & 0o777).toBe(0o600);
});

describe('an entry that is not what was written is discarded, and built anew', () => {
  let intact: Buffer;
  beforeEach(async () => {
    await open().write(KEY, PARTS);
    intact = await readFile(entry(KEY));
  });

  async function expectDiscarded(bytes: Uint8Array): Promise<void> {
    await writeFile(entry(KEY), bytes);
    expect(await open().read(KEY)).toBeUndefined();
    expect(await readdir(directory)).toEqual([]);
  }

  test('with any of its bits changed', async () => {
    for (let position = 0; position < intact.length; position++) {
      const changed = Uint8Array.from(intact);
      changed[position] = (intact[position] as number) ^ (1 << (position % 8));
      await expectDiscarded(changed);
    }
    await open().write(KEY, PARTS);
    expect(await open().read(KEY)).toEqual(PARTS);
  });

  test('cut anywhere, or longer', async () => {
    for (let length = 0; length < intact.length; length++) await expectDiscarded(intact.subarray(0, length));
    await expectDiscarded(Buffer.concat([intact, Buffer.of(0)]));
  });

  test('under the name of another', async () => {
    const other = 'b'.repeat(64);
    await rename(entry(KEY), entry(other));
    expect(await open().read(other)).toBeUndefined();
  });
});

describe('entries become code of the host, so one is not believed', () => {
  test('when others may write to it', async () => {
    await open().write(KEY, PARTS);
    await chmod(entry(KEY), 0o620);
    expect(await open().read(KEY)).toBeUndefined();
    await chmod(entry(KEY), 0o640);
    expect(await open().read(KEY)).toEqual(PARTS);
  });

  test('when it is a link', async () => {
    await open().write(KEY, PARTS);
    await rename(entry(KEY), join(root, 'elsewhere'));
    await symlink(join(root, 'elsewhere'), entry(KEY));
    expect(await open().read(KEY)).toBeUndefined();
  });
});

describe('the bound on its size', () => {
  const big = new Map([['core', new Uint8Array(1000)]]);

  test('evicts what was unused for longest', async () => {
    const cache = open(2500);
    for (const [key, age] of [
      ['old', 300],
      ['used', 200],
    ] as const) {
      await cache.write(key, big);
      const then = new Date(Date.now() - age * 1000);
      await utimes(entry(key), then, then);
    }
    // Reading counts as a use: now the other one is the oldest.
    expect(await cache.read('old')).toBeDefined();
    await cache.write('new', big);
    expect((await readdir(directory)).toSorted()).toEqual(['new.bwc', 'old.bwc']);
  });

  test('keeps out what is larger by itself, and evicts nothing for it', async () => {
    const cache = open(2500);
    await cache.write('small', big);
    await cache.write('large', new Map([['core', new Uint8Array(3000)]]));
    expect(await readdir(directory)).toEqual(['small.bwc']);
  });

  test('what a writer that crashed left behind goes after an hour', async () => {
    await open().write('a', big);
    const [stale, fresh] = [join(directory, 'a.bwc.1.tmp'), join(directory, 'a.bwc.2.tmp')];
    await writeFile(stale, '');
    await writeFile(fresh, '');
    const then = new Date(Date.now() - 2 * 3_600_000);
    await utimes(stale, then, then);
    await open().write('b', big);
    expect((await readdir(directory)).toSorted()).toEqual(['a.bwc', 'a.bwc.2.tmp', 'b.bwc']);
  });
});

test('two processes that write and read one entry at once never see a part of it', async () => {
  const source = (file: string): string =>
    JSON.stringify(new URL(`../../../src/${file}`, import.meta.url).href);
  const script = `
    import { DirectoryCacheStore } from ${source('ambient/cache-store.ts')};
    import { nodeMachine } from ${source('ambient/machine.ts')};
    import { CompileCache } from ${source('engine/cache.ts')};
    const [directory, letter] = process.argv.slice(1);
    const cache = new CompileCache(new DirectoryCacheStore(directory, 1e9), nodeMachine);
    const parts = new Map([['core', new Uint8Array(300_000).fill(letter.charCodeAt(0))]]);
    let wrong = 0;
    for (let i = 0; i < 40; i++) {
      await cache.write('shared', parts);
      const found = (await cache.read('shared'))?.get('core');
      if (found === undefined || found.length !== 300_000 || found.some((byte) => byte !== found[0])) wrong++;
    }
    console.log(wrong);`;
  const run = (letter: string) =>
    promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, directory, letter]);
  const answers = await Promise.all([run('x'), run('y')]);
  expect(answers.map(({ stdout }) => stdout.trim())).toEqual(['0', '0']);
  expect(await readdir(directory)).toEqual(['shared.bwc']);
});

test('where no directory can be made, there is no cache, and no error', async () => {
  await writeFile(join(root, 'deep'), 'a file is in the way');
  const cache = open();
  await cache.write(KEY, PARTS);
  expect(await cache.read(KEY)).toBeUndefined();
});
