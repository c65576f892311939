import { describe, expect, it } from 'vitest';
import { PARAMETERS } from '../../shims/preview1/signatures.ts';
import { ACCESS_WORDS } from '../../src/policy/index.ts';
import { runGuest, WASI_VERSIONS } from '../support/guest-run.ts';
import { hostTree } from '../support/host-tree.ts';
import { VOLUMES, volumeMount } from '../support/volumes.ts';
import { guest } from './index.ts';
import { TREE } from './volume-codes.ts';

it('the guest `filesystem` calls every function of 0.1 that has to do with files', async () => {
  const module = await WebAssembly.compile(new Uint8Array((await guest('filesystem')).module));
  const called = new Set(WebAssembly.Module.imports(module).map(({ name }) => name));
  const functions = Object.keys(PARAMETERS).filter((name) => /^(fd|path)_/.test(name));
  expect(functions.filter((name) => !called.has(name))).toEqual([]);
});

describe.each(WASI_VERSIONS)('WASI %s, every volume', (_version, kind) => {
  it.each(VOLUMES)('%s answers the calls that no libc makes on its own', async (volume) => {
    using tree = hostTree(TREE);
    const options = await volumeMount(volume, tree.path, ACCESS_WORDS);
    const line =
      'open /m/file r + advise + allocate 1 + fread 2 + tell + setrights + renumber /m/dir/inner + fread 9 + tell';
    const run = await runGuest('filesystem', kind, { ...options, line });
    expect(run.lines.slice(1)).toEqual([
      'advise=0',
      'allocate=ENOTSUP',
      'fread=2',
      'data=he',
      'tell=2',
      'setrights=ENOTSUP',
      'renumber=0',
      'fread=5',
      'data=inner',
      'tell=5',
    ]);
  });
});
