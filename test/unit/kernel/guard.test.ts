import { describe, expect, test } from 'vitest';
import { Access } from '../../../src/kernel/access.ts';
import { GRANTED, Grant } from '../../../src/kernel/grant.ts';
import { Guard, type UseLevel } from '../../../src/kernel/guard.ts';
import { Permit } from '../../../src/kernel/permit.ts';
import type { Recorder } from '../../../src/kernel/recorder.ts';

/** Writes every record down as text, and fails for as long as it is told to. */
class Notes implements Recorder {
  readonly lines: string[] = [];
  failing = false;

  used(grant: Grant, request: object): void {
    this.#note('used', grant.id, request);
  }

  denied(grant: Grant | undefined, request: object): void {
    this.#note('denied', grant?.id ?? null, request);
  }

  limited(limit: string, value: number, request?: object): void {
    this.#note('limited', `${limit}=${value}`, request ?? {});
  }

  owned(grant: Grant, action: string): void {
    this.#note('owned', grant.id, { action });
  }

  #note(kind: string, what: string | null, request: object): void {
    if (this.failing) throw new Error('the log is full');
    this.lines.push(`${kind} ${what} ${JSON.stringify(request)}`);
  }
}

function setUp(uses: UseLevel = 'first', access: number = Access.read | Access.list) {
  const notes = new Notes();
  return { notes, guard: new Guard(notes, uses), grant: new Grant('in', 'filesystem', access, {}) };
}

describe('admit', () => {
  test('a granted request is let through, counted, and on record with its operation, subject and access', () => {
    const { notes, guard, grant } = setUp();
    expect(guard.admit(grant, Access.read, 'open-at', '/in/a')).toBe(true);
    expect(grant.uses).toBe(1);
    expect(notes.lines).toEqual(['used in {"operation":"open-at","subject":"/in/a","access":["read"]}']);
  });

  test('a request that needs one word too many is denied as a whole, and gives nothing', () => {
    const { notes, guard, grant } = setUp();
    expect(guard.admit(grant, Access.read | Access.write, 'open-at', '/in/a')).toBe(false);
    expect(grant).toMatchObject({ uses: 0, open: 0 });
    expect(notes.lines).toEqual([
      'denied in {"operation":"open-at","subject":"/in/a","access":["read","write"]}',
    ]);
  });

  test('requests outside the file system have no access words', () => {
    const { notes, guard } = setUp();
    guard.admit(new Grant('random', 'random', GRANTED, {}), GRANTED, 'random', 'random');
    expect(notes.lines).toEqual(['used random {"operation":"random","subject":"random"}']);
  });

  test.each<[UseLevel, number]>([
    ['none', 0],
    ['first', 2],
    ['every', 4],
  ])('level %s records %d of three reads and a listing; all are counted', (uses, records) => {
    const { notes, guard, grant } = setUp(uses);
    for (const need of [Access.read, Access.read, Access.read, Access.list])
      guard.admit(grant, need, 'read', '/in/a');
    expect(notes.lines).toHaveLength(records);
    expect(grant.uses).toBe(4);
  });

  test.each<UseLevel>(['none', 'first', 'every'])('level %s records denials', (uses) => {
    const { notes, guard, grant } = setUp(uses);
    guard.admit(grant, Access.write, 'write', '/in/a');
    expect(notes.lines).toHaveLength(1);
  });

  test('what cannot be recorded is denied, and the fast path stays shut until it is on record', () => {
    const { notes, guard, grant } = setUp();
    notes.failing = true;
    expect(guard.admit(grant, Access.read, 'read', '/in/a')).toBe(false);
    expect(guard.permit(grant, Access.read, 'read', '/in/a')).toBeUndefined();
    expect(grant).toMatchObject({ uses: 0, open: 0, permit: undefined });
    notes.failing = false;
    expect(guard.admit(grant, Access.read, 'read', '/in/a')).toBe(true);
    expect(notes.lines).toHaveLength(1);
  });

  test('at level every, a log that fails later takes back what it once allowed', () => {
    const { notes, guard, grant } = setUp('every');
    expect(guard.admit(grant, Access.read, 'read', '/in/a')).toBe(true);
    notes.failing = true;
    expect(guard.admit(grant, Access.read, 'read', '/in/a')).toBe(false);
    expect(guard.permit(grant, Access.read, 'read', '/in/a')).toBeUndefined();
  });

  test('a denial stands when it cannot be recorded', () => {
    const { notes, guard, grant } = setUp();
    notes.failing = true;
    expect(guard.admit(grant, Access.write, 'write', '/in/a')).toBe(false);
    expect(() => guard.refuse('open-at', '/out')).not.toThrow();
  });
});

test('the record is made before the permit is out', () => {
  const { notes, guard, grant } = setUp();
  const atRecord: unknown[] = [];
  notes.used = () => void atRecord.push(grant.permit, grant.open, grant.uses);
  expect(guard.permit(grant, Access.read, 'read', '/in/a')).toBeInstanceOf(Permit);
  expect(atRecord).toEqual([undefined, 0, 0]);
});

test('revoking closes the fast path and takes the permit back; later requests are denied on record', () => {
  const { notes, guard, grant } = setUp('none');
  expect(guard.permit(grant, Access.read, 'read', '/in/a')).toBeDefined();
  guard.revoke(grant);
  expect(grant).toMatchObject({ revoked: true, open: 0, permit: undefined, uses: 1 });
  expect(guard.permit(grant, Access.read, 'read', '/in/b')).toBeUndefined();
  expect(notes.lines).toEqual(['denied in {"operation":"read","subject":"/in/b","access":["read"]}']);
});

test('a request that no rule covers is on record without a rule', () => {
  const { notes, guard } = setUp();
  guard.refuse('open-at', '/etc/passwd', Access.read);
  guard.refuse('stdin', 'stdin');
  expect(notes.lines).toEqual([
    'denied null {"operation":"open-at","subject":"/etc/passwd","access":["read"]}',
    'denied null {"operation":"stdin","subject":"stdin"}',
  ]);
});

test('a passed limit is on record with its bound, and never throws', () => {
  const { notes, guard } = setUp();
  guard.limited('limits.handles', 3, 'open-at', '/in/a');
  expect(notes.lines).toEqual(['limited limits.handles=3 {"operation":"open-at","subject":"/in/a"}']);
  notes.failing = true;
  expect(() => guard.limited('limits.handles', 3, 'open-at', '/in/a')).not.toThrow();
});

test('the embedder’s own use of a mount is on record first, whatever became of the grant', () => {
  const { notes, guard, grant } = setUp();
  guard.revoke(grant);
  expect(guard.permitOwner(grant, 'export').grantId).toBe('in');
  expect(notes.lines).toEqual(['owned in {"action":"export"}']);
  notes.failing = true;
  expect(() => guard.permitOwner(grant, 'export')).toThrow('the log is full');
});
