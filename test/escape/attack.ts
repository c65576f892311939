import { join } from 'node:path';
import { expect } from 'vitest';
import { loadImage } from '../../src/index.ts';
import { ACCESS_WORDS, type AccessWord } from '../../src/policy/index.ts';
import { type GuestKind, type GuestRun, runGuest } from '../support/guest-run.ts';
import { type HostTree, hostTree, type Tree } from '../support/host-tree.ts';

/** Stands in files that no guest may reach. */
export const SECRET = 'the secret outside';

/** A host directory with a mount in it and secrets around the mount. */
export function attackTree(mount: Tree, beside: Tree = {}): HostTree {
  return hostTree({
    outside: { secret: SECRET, dir: { deep: SECRET } },
    secret: SECRET,
    mount: { inside: 'in', dir: { file: 'in dir' }, ...mount },
    ...beside,
  });
}

export interface Attack {
  /** Access words of the mount; all of them by default, so that nothing but the path stands in the way. */
  readonly access?: readonly AccessWord[] | 'read';
  readonly args: readonly string[];
  /** Of test/guests/c; `paths` by default, which hands bytes to WASI as they are. */
  readonly program?: string;
  /** What the mount is made of the directory; itself by default. */
  readonly volume?: 'host' | 'overlay' | 'image' | 'memory';
}

const BACKENDS = {
  host: { host: 'tree' },
  overlay: { overlay: { lower: { host: 'tree' }, upper: { memory: {} } } },
  image: { image: 'tree' },
  memory: { memory: { from: { host: 'tree' } } },
} as const;

/** Runs an attack on the directory `mount` of the tree, at /m under the rule `m`. */
export async function attack(
  kind: GuestKind,
  tree: HostTree,
  { access = ACCESS_WORDS, args, program = 'paths', volume = 'host' }: Attack,
): Promise<GuestRun> {
  const directory = join(tree.path, 'mount');
  return runGuest(program, kind, {
    grant: { filesystem: [{ id: 'm', mount: '/m', ...BACKENDS[volume], access }] },
    bindings: {
      directories: { tree: directory },
      ...(volume === 'image' ? { images: { tree: await loadImage(directory) } } : {}),
    },
    args,
  });
}

/** @returns what lies around the mount, to be compared before and after */
export function around(tree: HostTree): Record<string, string> {
  return Object.fromEntries(Object.entries(tree.snapshot()).filter(([name]) => !name.startsWith('mount/')));
}

/** The codes that the calls answered, by call: `paths` prints one line each, and more for those that got through. */
export function codes(run: GuestRun): Map<string, string> {
  return new Map(
    run.lines
      .filter((line) => !line.includes('.data='))
      .map((line) => line.split('=', 2) as [string, string]),
  );
}

/**
 * The oracle of an attempt to leave the mount: every call got one of the `expected` codes, each operation is on record
 * once as a request that no rule covers, and nothing of the secret came out.
 */
export function expectRefused(run: GuestRun, expected: readonly string[] = ['EPERM']): void {
  expect(run.exitCode).toBe(0);
  // Following the old path of a hard link is EINVAL, whatever the path.
  const refused = [...codes(run)].filter(([call]) => !call.endsWith('link-follow'));
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.filter(([, code]) => !expected.includes(code))).toEqual([]);
  expect(run.stdout).not.toContain(SECRET);
  if (expected.includes('EPERM')) expect(run.of('denial').length).toBeGreaterThan(0);
  for (const denial of run.of('denial')) {
    expect(denial).toMatchObject({ grant: null, reason: 'not-granted', missing: { section: 'filesystem' } });
  }
}
