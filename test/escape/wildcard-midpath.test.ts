import { expect, test } from 'vitest';
import { ACCESS_WORDS } from '../../src/policy/index.ts';
import { guest } from '../guests/index.ts';
import { engine, TALKING } from '../support/guest-run.ts';
import { attackTree } from './attack.ts';

const BASE = { id: 'm', mount: '/m', host: 'tree', access: ACCESS_WORDS };

// Case wildcard-midpath: what an asterisk means in the middle of a path is never guessed.
test.each([
  ['a mount', { mount: '/m/*' }, '/filesystem/0/mount'],
  ['the middle of a mount', { mount: '/m/*/dir' }, '/filesystem/0/mount'],
  ['a host path', { host: './mount/*' }, '/filesystem/0/host'],
  ['the middle of a host path', { host: '/tmp/*/mount' }, '/filesystem/0/host'],
  ['an image path', { host: undefined, image: './*.tar', access: 'read' }, '/filesystem/0/image'],
  [
    'the lower layer of an overlay',
    { host: undefined, overlay: { lower: { host: './*/x' }, upper: { memory: {} } } },
    '/filesystem/0/overlay/lower/host',
  ],
  ['`**` in front of a name', { paths: ['dir/**file'] }, '/filesystem/0/paths/0'],
  ['`**` behind a name', { paths: ['dir**/file'] }, '/filesystem/0/paths/0'],
  ['`**` in what is left out', { except: ['a/b**c/d'] }, '/filesystem/0/except/0'],
])('%s with a wildcard does not load, and nothing opens', async (_where, rule, pointer) => {
  using tree = attackTree({});
  const before = tree.snapshot();
  const program = await engine.compile((await guest('filesystem')).module);
  const { host, ...rest } = { ...BASE, ...rule };
  const opening = program.instantiate({
    policy: { ...TALKING, filesystem: [{ ...rest, ...(host === undefined ? {} : { host }) }] },
    bindings: { directories: { tree: `${tree.path}/mount` }, hostPaths: { relativeTo: tree.path } },
  });
  await expect(opening).rejects.toThrow(
    expect.objectContaining({
      code: expect.stringMatching(/^BW_POLICY/),
      message: expect.stringContaining(pointer),
    }),
  );
  expect(tree.snapshot()).toEqual(before);
});
