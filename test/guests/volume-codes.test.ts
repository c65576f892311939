import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ACCESS_WORDS } from '../../src/policy/index.ts';
import { ErrorCode } from '../../src/virtual/error-code.ts';
import { type GuestKind, type GuestRun, runGuest, WASI_VERSIONS } from '../support/guest-run.ts';
import { type HostTree, hostTree } from '../support/host-tree.ts';
import { VOLUMES, type VolumeKind, volumeMount } from '../support/volumes.ts';
import { CASES, type CodeCase, ERRNO, NEVER, NOT_ON, type PossibleCode, TREE } from './volume-codes.ts';

const ROWS = WASI_VERSIONS.flatMap(([version, kind]) =>
  VOLUMES.map((volume) => [version, volume, kind] as const),
);

/** What a case expects there. */
function expected({ code, changes }: CodeCase, volume: VolumeKind, kind: GuestKind): string {
  if (volume === 'image' && changes === true) return ERRNO.readOnly;
  // A component has no code for it but this one.
  return code === 'tooManyHandles' && kind !== 'module' ? 'ENOMEM' : ERRNO[code];
}

function isPossible({ code, changes }: CodeCase, volume: VolumeKind): boolean {
  return NOT_ON[volume][code] === undefined || (volume === 'image' && changes === true);
}

/** The tree on the host, where it can have what memory and archives cannot. */
function treeFor(volume: VolumeKind): HostTree {
  const tree = hostTree(TREE);
  if (volume === 'memory' || volume === 'image') return tree;
  execFileSync('mkfifo', [join(tree.path, 'fifo')]);
  symlinkSync(Buffer.from([0xff, 0x41]), join(tree.path, 'odd'));
  return tree;
}

async function run(each: CodeCase, tree: HostTree, volume: VolumeKind, kind: GuestKind): Promise<GuestRun> {
  const { access = ACCESS_WORDS, before = [], meet, rule, others = [] } = each;
  const options = await volumeMount(volume, tree.path, access, rule);
  const filesystem = [...((options.grant ?? {})['filesystem'] as object[]), ...others];
  // What lies before has no place on an image that it would change.
  const steps = volume === 'image' && each.changes === true ? meet : [...before, ...meet];
  return runGuest('filesystem', kind, { ...options, grant: { filesystem }, line: steps.join(' + ') });
}

describe.each(ROWS)('WASI %s, the codes of a volume of kind %s', (_version, volume, kind) => {
  const seen = new Set<PossibleCode>();

  it.each(CASES.filter((each) => isPossible(each, volume)))('$code: $meet', async (each) => {
    using tree = treeFor(volume);
    const before = volume === 'host' ? undefined : tree.snapshot();
    const ran = await run(each, tree, volume, kind);
    const code = expected(each, volume, kind);
    expect([ran.exitCode, ran.stderr]).toEqual([0, '']);
    expect(ran.lines.slice(-each.meet.length)).toEqual(
      each.meet.map((operation) => `${operation.split(' ')[0]}=${code}`),
    );
    if (code === ERRNO[each.code] || each.code === 'tooManyHandles') seen.add(each.code);
    // Only a volume of the host changes the host.
    if (before !== undefined) expect(tree.snapshot()).toEqual(before);
  });

  afterAll(() => {
    const possible = Object.keys(ERRNO).filter((code) => !(code in NOT_ON[volume]));
    expect([...seen].toSorted()).toEqual(possible.toSorted());
  });
});

it('every code of the vocabulary is met, or has a reason not to be', () => {
  expect([...Object.keys(ERRNO), ...Object.keys(NEVER)].toSorted()).toEqual(
    Object.keys(ErrorCode).toSorted(),
  );
});
