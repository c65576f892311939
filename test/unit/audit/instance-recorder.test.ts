import { expect, test } from 'vitest';
import { nodeMachine } from '../../../src/ambient/machine.ts';
import { AuditLog } from '../../../src/audit/audit-log.ts';
import { InstanceRecorder, MAX_USES_PER_SECOND } from '../../../src/audit/instance-recorder.ts';
import type { AuditRecord } from '../../../src/audit/records.ts';
import { MemorySink } from '../../../src/audit/sinks/memory-sink.ts';
import { Access, accessBits, accessWords } from '../../../src/kernel/access.ts';
import { Grant } from '../../../src/kernel/grant.ts';
import type { Request } from '../../../src/kernel/request.ts';

const READ: Request = { operation: 'open-at', subject: '/in/a', access: ['read'] };
const READ_WRITE: Request = { operation: 'open-at', subject: '/in/a', access: ['read', 'write'] };

function setUp() {
  const log = new AuditLog();
  const access = accessBits(['read', 'list']);
  return {
    log,
    recorder: new InstanceRecorder(log, nodeMachine, 'acme', 'i1'),
    grant: new Grant('in', 'filesystem', access, { mount: '/in', access: accessWords(access) }),
  };
}

function without(record: AuditRecord | undefined): object {
  const { v: _, seq: __, time: ___, monotonic: ____, ...rest } = record as AuditRecord;
  return rest;
}

test('records carry the time of the machine: UTC in milliseconds, and steady nanoseconds', () => {
  const { log, recorder } = setUp();
  const before = Date.now();
  recorder.append({ kind: 'grant-revoked', grant: 'in' });
  recorder.append({ kind: 'grant-revoked', grant: 'in' });
  const [first, second] = log.records as [AuditRecord, AuditRecord];
  expect(first.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(Date.parse(first.time)).toBeGreaterThanOrEqual(before);
  expect(Date.parse(first.time)).toBeLessThanOrEqual(Date.now());
  expect(second.monotonic).toBeGreaterThanOrEqual(first.monotonic);
  expect(nodeMachine.monotonicNow() - second.monotonic).toBeLessThan(10e9);
});

test('a use names the grant and the request', () => {
  const { log, recorder, grant } = setUp();
  recorder.used(grant, READ);
  expect(without(log.records[0])).toEqual({
    tenant: 'acme',
    instance: 'i1',
    kind: 'grant-used',
    grant: 'in',
    operation: 'open-at',
    subject: '/in/a',
    access: ['read'],
  });
});

test('a denial names the words that the rule lacks', () => {
  const { log, recorder, grant } = setUp();
  recorder.denied(grant, READ_WRITE, 'not-granted');
  expect(without(log.records[0])).toEqual({
    tenant: 'acme',
    instance: 'i1',
    kind: 'denial',
    grant: 'in',
    reason: 'not-granted',
    missing: { section: 'filesystem', access: ['write'] },
    operation: 'open-at',
    subject: '/in/a',
    access: ['read', 'write'],
  });
});

test('without a rule, all words are missing, or the section', () => {
  const { log, recorder } = setUp();
  recorder.denied(undefined, READ_WRITE, 'not-granted');
  recorder.denied(undefined, { operation: 'random', subject: 'random' }, 'not-granted');
  expect(log.records).toMatchObject([
    { grant: null, reason: 'not-granted', missing: { section: 'filesystem', access: ['read', 'write'] } },
    { grant: null, reason: 'not-granted', missing: { section: 'random' } },
  ]);
});

test('a revoked grant lacks no word: it is revoked', () => {
  const { log, recorder, grant } = setUp();
  grant.revoked = true;
  recorder.denied(grant, READ, 'revoked');
  expect(log.records).toMatchObject([{ grant: 'in', reason: 'revoked', missing: { access: [] } }]);
});

test('repeats of a denial are counted, not recorded; another operation, subject, word or rule is no repeat', () => {
  const { log, recorder, grant } = setUp();
  for (let i = 0; i < 3; i++) {
    recorder.denied(grant, READ_WRITE, 'not-granted');
    recorder.denied(grant, { ...READ_WRITE, operation: 'write' }, 'not-granted');
    recorder.denied(grant, { ...READ_WRITE, subject: '/in/b' }, 'not-granted');
    recorder.denied(grant, { ...READ_WRITE, access: ['write'] }, 'not-granted');
    recorder.denied(undefined, READ_WRITE, 'not-granted');
  }
  expect(log.records).toHaveLength(5);
  expect(recorder.denials).toEqual({ total: 15, distinct: 5 });
});

test('distinct denials past a thousand are counted, and the log says that it stops listing them', () => {
  const { log, recorder } = setUp();
  for (let i = 0; i < 1500; i++) recorder.denied(undefined, { ...READ, subject: `/${i}` }, 'not-granted');
  expect(log.records).toHaveLength(1001);
  expect(log.records.at(-1)).toMatchObject({ kind: 'limit', limit: 'audit distinct denials', value: 1000 });
  expect(recorder.denials).toEqual({ total: 1500, distinct: 1000 });
  // What was listed before still folds.
  recorder.denied(undefined, { ...READ, subject: '/0' }, 'not-granted');
  expect(log.records).toHaveLength(1001);
});

test('a limit is recorded when it is first reached: a guest cannot flood the log by running into it', () => {
  const { log, recorder } = setUp();
  for (let i = 0; i < 100; i++) recorder.limited('limits.handles', 5, { ...READ, subject: `/${i}` });
  recorder.limited('out quota.bytes', 9, READ);
  expect(log.records).toMatchObject([
    { kind: 'limit', limit: 'limits.handles', value: 5, operation: 'open-at', subject: '/0' },
    { kind: 'limit', limit: 'out quota.bytes', value: 9 },
  ]);
});

const CLOSED = { outcome: { kind: 'exit', code: 0 }, usage: {}, uses: {} } as const;

/** A recorder whose second goes by when the test says so. */
function setUpClock(sinks?: ConstructorParameters<typeof AuditLog>[0]) {
  const clock = { seconds: 5, monotonicNow: () => clock.seconds * 1e9, wallNow: () => Date.now() };
  const log = new AuditLog(sinks);
  const recorder = new InstanceRecorder(log, clock, 'acme', 'i1');
  const use = (times: number, request: Request = READ, of: Grant = setUp().grant): void => {
    for (let i = 0; i < times; i++) recorder.used(of, request);
  };
  return { clock, log, recorder, use };
}

test('uses past so many per second are counted by grant and operation, and reported with the next one', () => {
  const { clock, log, use } = setUpClock();
  const other = new Grant('out', 'filesystem', Access.read, { mount: '/out' });
  use(MAX_USES_PER_SECOND);
  expect(log.records).toHaveLength(MAX_USES_PER_SECOND);
  clock.seconds = 5.5;
  use(7);
  use(2, { ...READ, operation: 'read' });
  use(3, READ, other);
  clock.seconds = 6;
  use(2);
  expect(log.records.slice(MAX_USES_PER_SECOND).map(without)).toMatchObject([
    // Before the first that is not listed.
    { kind: 'limit', limit: 'audit uses per second', value: MAX_USES_PER_SECOND },
    {
      kind: 'uses-folded',
      since: 5.5e9,
      uses: [
        { grant: 'in', operation: 'open-at', count: 7 },
        { grant: 'in', operation: 'read', count: 2 },
        { grant: 'out', operation: 'open-at', count: 3 },
      ],
    },
    { kind: 'grant-used', grant: 'in' },
    { kind: 'grant-used', grant: 'in' },
  ]);
  // What was reported is not counted again.
  clock.seconds = 7;
  use(1);
  expect(log.records.at(-2)?.kind).toBe('grant-used');
});

test('however long a guest goes on: a second has so many records, and none is lost', () => {
  const { clock, log, recorder, use } = setUpClock();
  for (let second = 0; second < 5; second++) {
    clock.seconds += 1;
    use(5 * MAX_USES_PER_SECOND);
  }
  recorder.closed(CLOSED);
  expect(log.records.length).toBeLessThanOrEqual(5 * (MAX_USES_PER_SECOND + 1) + 2);
  const folded = log.records.flatMap((record) => (record.kind === 'uses-folded' ? record.uses : []));
  const listed = log.records.filter(({ kind }) => kind === 'grant-used').length;
  expect(listed + folded.reduce((sum, { count }) => sum + count, 0)).toBe(25 * MAX_USES_PER_SECOND);
  expect(log.records.slice(-2).map(({ kind }) => kind)).toEqual(['uses-folded', 'instance-closed']);
});

test('where the log fails, nothing begins to be counted, and what was counted is told when it works again', () => {
  const sink = new MemorySink();
  let works = true;
  const { clock, recorder, use } = setUpClock([
    {
      write(record) {
        if (!works) throw new Error('disk full');
        sink.write(record);
      },
    },
  ]);
  use(MAX_USES_PER_SECOND);
  works = false;
  expect(() => use(1)).toThrow('did not take the record');
  works = true;
  use(3);
  works = false;
  clock.seconds += 1;
  expect(() => use(1)).toThrow('did not take the record');
  expect(() => recorder.closed(CLOSED)).toThrow('did not take the record');
  works = true;
  recorder.closed(CLOSED);
  expect(sink.records.slice(MAX_USES_PER_SECOND).map(without)).toMatchObject([
    { kind: 'limit', limit: 'audit uses per second' },
    { kind: 'uses-folded', uses: [{ grant: 'in', count: 3 }] },
    { kind: 'instance-closed' },
  ]);
});

test('what the sink did not take is recorded when the guest tries again', () => {
  const sink = new MemorySink();
  const take = sink.write.bind(sink);
  const failing = {
    write: (): void => {
      throw new Error('disk full');
    },
  };
  const recorder = new InstanceRecorder(
    new AuditLog([{ write: (record) => current.write(record) }]),
    nodeMachine,
    't',
    'i1',
  );
  let current: { write(record: AuditRecord): void } = failing;
  expect(() => recorder.denied(undefined, READ, 'not-granted')).toThrow('did not take the record');
  expect(() => recorder.limited('limits.handles', 5, READ)).toThrow('did not take the record');
  current = { write: take };
  recorder.denied(undefined, READ, 'not-granted');
  recorder.limited('limits.handles', 5, READ);
  expect(sink.records.map((record) => record.kind)).toEqual(['denial', 'limit']);
});

test('subjects are escaped and bounded', () => {
  const { log, recorder, grant } = setUp();
  const subject = `\u001b[2J${'x'.repeat(100_000)}`;
  recorder.used(grant, { ...READ, subject });
  recorder.denied(grant, { ...READ_WRITE, subject }, 'not-granted');
  recorder.limited('limits.handles', 5, { ...READ, subject });
  expect(log.records).toHaveLength(3);
  for (const record of log.records) {
    expect(record).toHaveProperty('subject', expect.stringMatching(/^\\u\{1b\}\[2Jx+…$/));
    expect(JSON.stringify(record).length).toBeLessThan(700);
  }
});

test('the access words of a grant are what the guard compares', () => {
  expect(setUp().grant.access).toBe(Access.read | Access.list);
});
