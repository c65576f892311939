import { describe, expect, it } from 'vitest';
import { BailiwickError } from '../../src/index.ts';
import { openGuest } from '../support/guest-run.ts';
import { hostTree } from '../support/host-tree.ts';

/** Node CVE-2024-21890: what a wildcard in the middle of a path meant was guessed, and differed from what was documented. */
describe('wildcard-midpath', () => {
  it.each([
    ['a mount', { mount: '/home/*/data', host: 'tree' }, '/filesystem/0/mount'],
    ['a literal host path', { mount: '/m', host: '/home/*/data' }, '/filesystem/0/host'],
    ['a literal image', { mount: '/m', image: './*/app.tar' }, '/filesystem/0/image'],
    ['`**` as part of a name', { mount: '/m', host: 'tree', paths: ['a/**b/c'] }, '/filesystem/0/paths/0'],
    [
      '`**` as part of an exception',
      { mount: '/m', host: 'tree', except: ['a**/c'] },
      '/filesystem/0/except/0',
    ],
  ])('%s is refused when the policy loads, and nothing opens', async (_name, rule, pointer) => {
    using tree = hostTree({ a: 'x' });
    const opening = openGuest('nothing', 'module', {
      grant: { filesystem: [{ access: 'read', ...rule }] },
      bindings: { directories: { tree: tree.path }, hostPaths: { relativeTo: tree.path } },
    });
    await expect(opening).rejects.toBeInstanceOf(BailiwickError);
    await expect(opening).rejects.toMatchObject({ code: 'BW_POLICY_INVALID', problems: [{ pointer }] });
  });
});
