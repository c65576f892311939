import { describe, expect, it } from 'vitest';
import { ACCESS_WORDS } from '../../src/policy/index.ts';
import { type GuestKind, type GuestRun, runGuest, WASI_VERSIONS } from '../support/guest-run.ts';
import { hostTree, type Tree } from '../support/host-tree.ts';
import { codes, SECRET } from './attack.ts';

const TREE: Tree = {
  'report.pdf': 'a report',
  secret: SECRET,
  drafts: { 'next.pdf': SECRET },
  docs: { 'a.pdf': 'a document', 'notes.txt': SECRET },
  'way.pdf': '-> secret',
};

const RULE = { paths: ['**/*.pdf'], except: ['drafts/**'] };

async function under(
  kind: GuestKind,
  tree: { path: string },
  more: object,
  args: readonly string[],
): Promise<GuestRun> {
  return runGuest('paths', kind, {
    grant: { filesystem: [{ id: 'm', mount: '/m', host: 'tree', access: ACCESS_WORDS, ...more }] },
    bindings: { directories: { tree: tree.path } },
    args,
  });
}

/** Each call that takes a path, on a path that the rule leaves out. */
describe.each(WASI_VERSIONS)('existence-oracle with patterns (WASI %s)', (_version, kind) => {
  it.each([
    ['refused', false, ['EPERM']],
    ['concealed', true, ['EPERM', 'ENOENT']],
  ] as const)('%s: what is there and what is not get the same answers', async (_name, conceal, expected) => {
    using tree = hostTree(TREE);
    const before = tree.snapshot();
    const rule = conceal ? { ...RULE, conceal } : RULE;
    const seen = await under(kind, tree, rule, ['all', 'secret']);
    for (const path of [
      'absent',
      'drafts',
      'drafts/next.pdf',
      'drafts/absent.pdf',
      'docs/notes.txt',
      'docs/absent',
      'way.pdf/x.pdf',
    ]) {
      const run = await under(kind, tree, rule, ['all', path]);
      expect([path, [...codes(run)]]).toEqual([path, [...codes(seen)]]);
      expect(run.stdout).not.toContain(SECRET);
    }
    const answers = [...codes(seen)]
      .filter(([call]) => !call.endsWith('link-follow'))
      .map(([, code]) => code);
    expect(new Set(answers)).toEqual(new Set(expected));
    for (const denial of seen.of('denial'))
      expect(denial).toMatchObject({
        grant: 'm',
        reason: 'outside-paths',
        missing: { section: 'filesystem' },
      });
    expect(seen.of('denial').length).toBeGreaterThan(5);
    expect(tree.snapshot()).toEqual(before);
  });
});

describe.each(WASI_VERSIONS)('guest-symlink with patterns (WASI %s)', (_version, kind) => {
  it('no symlink, hard link or rename brings what is left out under a name that is granted', async () => {
    using tree = hostTree(TREE);
    const run = await runGuest('filesystem', kind, {
      grant: { filesystem: [{ id: 'm', mount: '/m', host: 'tree', access: ACCESS_WORDS, ...RULE }] },
      bindings: { directories: { tree: tree.path } },
      line: 'symlink secret /m/mine.pdf + read /m/mine.pdf + symlink drafts /m/dir.pdf + read /m/dir.pdf/next.pdf + read /m/way.pdf + link /m/secret /m/hard.pdf + rename /m/drafts /m/docs/drafts + rename /m/secret /m/moved.pdf + read /m/docs/../report.pdf',
    });
    expect(run.lines.filter((line) => /^(read|link|rename)=/.test(line))).toEqual([
      'read=EPERM',
      'read=EPERM',
      'read=EPERM',
      'link=EPERM',
      'rename=EPERM',
      'rename=EPERM',
      'read=8',
    ]);
    expect(run.stdout).not.toContain(SECRET);
  });
});

describe.each(WASI_VERSIONS)('unicode-alias (WASI %s)', (_version, kind) => {
  it.each(['SECRET', 'Secret', '%c5%bfecret', 'se%c2%adcret', 'CAFE%cc%81', 'caf%c3%89', 'cafe%cc%81'])(
    '%s is denied as the name that it is an alias of',
    async (alias) => {
      using tree = hostTree({ secret: SECRET, 'caf\u00e9': SECRET, open: 'x' });
      const before = tree.snapshot();
      const run = await under(kind, tree, { except: ['secret', 'caf\u00e9'] }, ['all', alias]);
      expect(
        [...codes(run)].filter(([call]) => !call.endsWith('link-follow')).map(([, code]) => code),
      ).toEqual([...codes(run)].filter(([call]) => !call.endsWith('link-follow')).map(() => 'EPERM'));
      expect(run.of('denial').length).toBeGreaterThan(5);
      expect(tree.snapshot()).toEqual(before);
    },
  );
});
