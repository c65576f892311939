import { describe, expect, test } from 'vitest';
import { PathMatcher } from '../../../../src/kernel/path-matcher.ts';
import { Guest, makeVolume } from './guest.ts';

/** A guest over a volume with drafts, secrets and documents, as the host left them; the rule is for documents. */
function guestOf(
  kind: 'memory' | 'host',
  { paths, except, conceal = false }: { paths?: string[]; except?: string[]; conceal?: boolean },
): Guest & Disposable {
  const under = makeVolume(kind);
  const maker = new Guest([{ path: '/', volume: under.volume }]);
  for (const directory of ['docs', 'docs/old', 'drafts', 'empty', 'work', 'work/deep'])
    expect(maker.mkdir(directory)).toBe('ok');
  for (const file of [
    'docs/a.pdf',
    'docs/notes.txt',
    'docs/old/b.pdf',
    'drafts/c.pdf',
    'top.pdf',
    'secret',
    'work/x',
    'work/deep/y',
  ])
    expect(maker.put(file, file)).toBe('ok');
  expect(maker.symlink('docs/a.pdf', 'shortcut.pdf')).toBe('ok');
  expect(maker.symlink('secret', 'innocent.pdf')).toBe('ok');
  expect(maker.symlink('drafts', 'docs/way')).toBe('ok');
  const matcher = PathMatcher.compile(paths, except);
  const guest = new Guest([{ path: '/', volume: under.volume, rules: { paths: matcher, conceal } }]);
  return Object.assign(guest, {
    [Symbol.dispose]: () => {
      guest.filesystem.closeAll();
      under.dispose();
    },
  });
}

const PDF = { paths: ['**/*.pdf'], except: ['drafts/**'] };

describe.each(['memory', 'host'] as const)('patterns on a %s volume', (kind) => {
  test('what they grant works, and the way to it', () => {
    using guest = guestOf(kind, PDF);
    expect(guest.get('docs/a.pdf')).toBe('docs/a.pdf');
    expect(guest.get('./docs/../docs/old/b.pdf')).toBe('docs/old/b.pdf');
    expect(guest.put('docs/new.pdf', 'new')).toBe('ok');
    expect(guest.rename('docs/new.pdf', 'newer.pdf')).toBe('ok');
    expect(guest.unlink('newer.pdf')).toBe('ok');
    expect(guest.get('shortcut.pdf')).toBe('docs/a.pdf');
    expect([guest.type('docs'), guest.opening('docs', 'rd'), guest.opening('.', 'rd')]).toEqual([
      'directory',
      'directory',
      'directory',
    ]);
    expect(guest.refusals).toEqual([]);
  });

  test('a directory does not tell how much they leave out', () => {
    using guest = guestOf(kind, { except: ['docs/old/**', 'drafts/**', 'docs/notes.txt/**'] });
    for (const path of ['.', 'docs', 'empty', 'work'])
      expect(guest.statOf(path), path).toMatchObject({ linkCount: 1, size: 0 });
    expect(guest.fstat(guest.root)).toMatchObject({ linkCount: 1, size: 0 });
    expect(guest.statOf('top.pdf')).toMatchObject({ linkCount: 1, size: 7 });
  });

  test('a descriptor of a directory stands where it was opened', () => {
    using guest = guestOf(kind, PDF);
    const docs = guest.open('docs', 'rd');
    expect(guest.get('a.pdf', docs)).toBe('docs/a.pdf');
    expect(guest.get('notes.txt', docs)).toBe('notPermitted');
    expect(guest.list('.', docs)).toEqual(['a.pdf', 'old']);
  });

  test('listings show what is granted, and directories on the way', () => {
    using guest = guestOf(kind, PDF);
    expect(guest.list()).toEqual(['docs', 'empty', 'innocent.pdf', 'shortcut.pdf', 'top.pdf', 'work']);
    expect(guest.list('work')).toEqual(['deep']);
  });

  test.each([
    ['refused', false, 'notPermitted', 'notPermitted'],
    ['absent', true, 'noEntry', 'notPermitted'],
  ] as const)('what they leave out is %s, whether it is there or not', (_, conceal, looking, making) => {
    using guest = guestOf(kind, { ...PDF, conceal });
    // There, not there, a file on the way, excepted, below what is excepted, through a symlink of the host's.
    for (const path of [
      'secret',
      'nothing',
      'docs/notes.txt',
      'drafts',
      'drafts/c.pdf',
      'drafts/no.pdf',
      'innocent.pdf',
      'secret/x.pdf',
      'nothing/x.pdf',
      'docs/way/c.pdf',
    ]) {
      const answers = [guest.get(path), guest.type(path), guest.unlink(path), guest.rename(path, 'r.pdf')];
      if (path !== 'innocent.pdf') expect([path, ...answers]).toEqual([path, ...answers.map(() => looking)]);
      else expect([path, ...answers.slice(0, 2)]).toEqual([path, looking, looking]);
      if (path === 'innocent.pdf') expect(guest.rename('r.pdf', path)).toBe('noEntry');
    }
    for (const path of [
      'secret',
      'nothing',
      'docs/new.txt',
      'drafts/new.pdf',
      'drafts/c.pdf',
      'nothing/x.pdf',
    ]) {
      expect([path, guest.put(path, 'x'), guest.mkdir(path), guest.symlink('x', path)]).toEqual([
        path,
        making,
        making,
        making,
      ]);
      expect([path, guest.rename('docs/a.pdf', path), guest.link('docs/a.pdf', path)]).toEqual([
        path,
        making,
        making,
      ]);
    }
    for (const { kind: recorded, grant } of guest.refusals)
      expect([recorded, grant]).toEqual(['denied', 'fs/']);
  });

  test('a directory moves only where everything below it is granted at both ends', () => {
    using guest = guestOf(kind, { paths: ['docs/**', 'work/**'], except: ['work/deep/y', 'docs/shelf/**'] });
    expect(guest.rename('docs/old', 'work/old')).toBe('ok');
    // Below it lies what is not granted.
    expect(guest.rename('work/deep', 'docs/deep')).toBe('notPermitted');
    expect(guest.rename('work/x', 'docs/x')).toBe('ok');
    // Something below may not lie there.
    expect(guest.rename('work/old', 'docs/shelf')).toBe('notPermitted');
  });

  test('a link made by the guest leads to nothing more', () => {
    using guest = guestOf(kind, PDF);
    expect(guest.symlink('secret', 'mine.pdf')).toBe('ok');
    expect(guest.symlink('drafts', 'way.pdf')).toBe('ok');
    expect([guest.get('mine.pdf'), guest.get('way.pdf/c.pdf'), guest.put('mine.pdf', 'x')]).toEqual([
      'notPermitted',
      'notPermitted',
      'notPermitted',
    ]);
    expect(guest.link('secret', 'linked.pdf')).toBe('notPermitted');
  });

  test('aliases of an excepted name are excepted', () => {
    using guest = guestOf(kind, { except: ['secret', 'caf\u00e9'] });
    for (const alias of ['SECRET', 'Secret', '\u017fecret', 'cafe\u0301', 'CAFÉ'])
      expect([alias, guest.put(alias, 'x')]).toEqual([alias, 'notPermitted']);
    expect(guest.put('secrets', 'x')).toBe('ok');
  });
});
