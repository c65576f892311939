import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const SOURCES = join(import.meta.dirname, 'c');

/** Names of the rows of a guest's table of subtests, operations or calls: `{"name", …`. */
function subtestsOf(source: string): string[] {
  return [...source.matchAll(/\{"([a-z_-]+)",/gi)].map(([, name]) => name ?? '');
}

/** The string literals of every test that names the guest. */
function literalsFor(guest: string): string[] {
  const root = join(import.meta.dirname, '..');
  const tests = ['guests', 'escape', 'escape/race'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.ts') && name !== 'every-guest.test.ts')
      .map((name) => readFileSync(join(root, folder, name), 'utf8')),
  );
  const literals = tests.map((text) =>
    [...text.matchAll(/'([^'\n]*)'|`([^`]*)`/g)].map(([, one, other]) => one ?? other ?? ''),
  );
  return literals.filter((each) => each.includes(guest)).flat();
}

const guests = readdirSync(SOURCES)
  .filter((name) => name.endsWith('.c'))
  .map((name) => name.slice(0, -'.c'.length));

describe.each(guests)('the guest %s', (guest) => {
  const literals = literalsFor(guest);

  it('is run by a test', () => {
    expect(literals).toContain(guest);
  });

  const subtests = subtestsOf(readFileSync(join(SOURCES, `${guest}.c`), 'utf8'));
  // `paths all` makes every call of its table.
  const all = guest === 'paths' && literals.includes('all');

  // Some guests have no table of subtests.
  it.skipIf(subtests.length === 0)('has no subtest that no test asks for', () => {
    const words = new Set(literals.flatMap((text) => text.split(/[\s$]/)));
    expect(subtests.filter((name) => !all && !words.has(name))).toEqual([]);
  });
});

it('the table of a guest is found', () => {
  expect(subtestsOf('{{"one", one}, {"two-words", 2, two}, {0}}')).toEqual(['one', 'two-words']);
  expect(guests.length).toBeGreaterThanOrEqual(8);
});
