import { describe, expect, test } from 'vitest';
import { AuditLog } from '../../../src/audit/audit-log.ts';
import type { AuditEvent, AuditRecord } from '../../../src/audit/records.ts';
import { MemorySink } from '../../../src/audit/sinks/memory-sink.ts';
import type { AuditSink } from '../../../src/audit/sinks/sink.ts';
import { AuditError } from '../../../src/errors.ts';

const ORIGIN = { time: '2026-01-02T03:04:05.678Z', monotonic: 1234, tenant: 'tenant €', instance: 'i7' };
const REVOKED: AuditEvent = { kind: 'grant-revoked', grant: 'in' };

/** Keeps lines; refuses while it is told to. */
class Lines implements AuditSink {
  readonly lines: string[] = [];
  refusal: Error | undefined;
  closed = 0;

  write(_record: AuditRecord, line: () => string): void {
    if (this.refusal !== undefined) throw this.refusal;
    this.lines.push(line());
  }

  close(): void {
    this.closed++;
  }
}

function numbers(lines: readonly string[]): number[] {
  return lines.map((line) => (JSON.parse(line) as AuditRecord).seq);
}

test('a line is the record in canonical JSON, byte for byte', () => {
  const sink = new Lines();
  new AuditLog([sink]).append(ORIGIN, {
    kind: 'denial',
    grant: null,
    reason: 'not-granted',
    missing: { section: 'filesystem', access: ['write'] },
    operation: 'open-at',
    subject: '/out',
    access: ['write'],
  });
  expect(sink.lines).toEqual([
    '{"access":["write"],"grant":null,"instance":"i7","kind":"denial","missing":{"access":["write"],' +
      '"section":"filesystem"},"monotonic":1234,"operation":"open-at","reason":"not-granted","seq":0,' +
      '"subject":"/out","tenant":"tenant €","time":"2026-01-02T03:04:05.678Z","v":1}',
  ]);
});

test('numbers run from 0 without gaps over all instances', () => {
  const sink = new Lines();
  const log = new AuditLog([sink]);
  for (const instance of ['i1', 'i2', 'i1']) log.append({ ...ORIGIN, instance }, REVOKED);
  expect(numbers(sink.lines)).toEqual([0, 1, 2]);
});

describe('a sink that fails', () => {
  test('makes the append fail, and the number goes to the next record', () => {
    const sink = new Lines();
    const log = new AuditLog([sink]);
    log.append(ORIGIN, REVOKED);
    sink.refusal = new Error('disk full');
    expect(() => log.append(ORIGIN, REVOKED)).toThrow(
      expect.objectContaining({ code: 'BW_AUDIT_WRITE', cause: sink.refusal }),
    );
    sink.refusal = undefined;
    log.append(ORIGIN, REVOKED);
    expect(numbers(sink.lines)).toEqual([0, 1]);
  });

  test('leaves a gap where an earlier sink has the record: no two records share a number', () => {
    const [kept, failing] = [new Lines(), new Lines()];
    const log = new AuditLog([kept, failing]);
    failing.refusal = new AuditError('BW_AUDIT_WRITE', 'disk full');
    expect(() => log.append(ORIGIN, REVOKED)).toThrow(failing.refusal);
    failing.refusal = undefined;
    log.append(ORIGIN, REVOKED);
    expect(numbers(kept.lines)).toEqual([0, 1]);
    expect(numbers(failing.lines)).toEqual([1]);
  });
});

test('a record that has no canonical form is not kept', () => {
  const sink = new Lines();
  const log = new AuditLog([sink]);
  expect(() => log.append({ ...ORIGIN, tenant: '\ud800' }, REVOKED)).toThrow(AuditError);
  expect(sink.lines).toEqual([]);
});

test('a closed log takes nothing more and closes its sinks once', () => {
  const sink = new Lines();
  const log = new AuditLog([sink]);
  log[Symbol.dispose]();
  log.close();
  expect(() => log.append(ORIGIN, REVOKED)).toThrow(expect.objectContaining({ code: 'BW_AUDIT_CLOSED' }));
  expect(sink).toMatchObject({ lines: [], closed: 1 });
});

test('a log without sinks is refused', () => {
  expect(() => new AuditLog([])).toThrow(expect.objectContaining({ code: 'BW_AUDIT_NO_SINK' }));
});

describe('MemorySink', () => {
  test('is the log of a program that names none, and shows its records', () => {
    const log = new AuditLog();
    log.append(ORIGIN, REVOKED);
    expect(log.records).toEqual([{ v: 1, seq: 0, ...ORIGIN, ...REVOKED }]);
    expect(new AuditLog([new Lines()]).records).toEqual([]);
  });

  test.each([1, 3])('keeps the newest %d records and counts the others', (capacity) => {
    const sink = new MemorySink(capacity);
    const log = new AuditLog([sink]);
    for (let i = 0; i < 10; i++) {
      log.append(ORIGIN, REVOKED);
      expect(sink.records.at(-1)?.seq).toBe(i);
      expect(sink.records.length + sink.dropped).toBe(i + 1);
    }
    expect(sink.records).toHaveLength(capacity);
  });
});
