import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  AuditError,
  AuditLog,
  type AuditRecord,
  type AuditSink,
  jsonLinesSink,
  MemorySink,
} from '../../src/index.ts';
import { type GuestOptions, openGuest, runGuest, WASI_VERSIONS } from '../support/guest-run.ts';
import { contents, hostTree } from '../support/host-tree.ts';

/** Keeps what it takes, and fails at one record, or from that record on. */
class FailingSink implements AuditSink {
  readonly kept: AuditRecord[] = [];
  readonly #at: number;
  readonly #until: number;
  #seen = 0;

  constructor(at: number, until: number = at) {
    this.#at = at;
    this.#until = until;
  }

  write(record: AuditRecord): void {
    const seen = this.#seen++;
    if (seen >= this.#at && seen <= this.#until) throw new Error('disk full');
    this.kept.push(record);
  }
}

const LINE = 'read /m/a + write /m/b new + rename /m/a /m/c + readdir /m';

function options(path: string, sink: AuditSink): GuestOptions {
  return {
    audit: new AuditLog([sink]),
    grant: { filesystem: [{ id: 'm', mount: '/m', host: 'tree', access: 'read-write' }] },
    bindings: { directories: { tree: path } },
    line: LINE,
  };
}

describe.each(WASI_VERSIONS)('WASI %s: a log that fails', (_version, kind) => {
  it('takes nothing: there is no instance', async () => {
    using tree = hostTree({ a: 'a' });
    await expect(openGuest('filesystem', kind, options(tree.path, new FailingSink(0)))).rejects.toThrow(
      AuditError,
    );
    expect(contents(tree)).toEqual({ a: 'a' });
  });

  it('loses one record, whichever: what could not be recorded did not happen', async () => {
    using whole = hostTree({ a: 'a' });
    const all = await runGuest('filesystem', kind, options(whole.path, new MemorySink()));
    expect(contents(whole)).toEqual({ b: 'new', c: 'a' });
    expect(all.of('grant-used').length).toBeGreaterThanOrEqual(6);
    for (let at = 1; at < all.records.length - 1; at++) {
      using tree = hostTree({ a: 'a' });
      const sink = new FailingSink(at);
      const { instance, stdout } = await openGuest('filesystem', kind, options(tree.path, sink));
      const { outcome } = await instance.run();
      // The same instance may ask again, and then it is on record.
      const used = new Set(
        sink.kept.flatMap((record) =>
          record.kind === 'grant-used' ? (record.access ?? [record.grant]) : [],
        ),
      );
      const after = contents(tree);
      if (after['b'] !== undefined) expect([...used]).toEqual(expect.arrayContaining(['create', 'write']));
      if (after['c'] !== undefined) expect([...used]).toContain('rename');
      if (stdout.text().includes('data=a')) expect([...used]).toContain('read');
      if (stdout.text() !== '') expect([...used]).toContain('stdio/stdout');
      expect(['exit', 'trap']).toContain(outcome.kind);
      expect(sink.kept.at(-1)?.kind).toBe('instance-closed');
    }
  });

  it('is full from the first use on: every request is denied, and the caller learns that the end is not on record', async () => {
    using tree = hostTree({ a: 'a' });
    const sink = new FailingSink(1, Infinity);
    const { instance, stdout } = await openGuest('filesystem', kind, options(tree.path, sink));
    await expect(instance.run()).rejects.toThrow(AuditError);
    expect(stdout.text()).toBe('');
    expect(contents(tree)).toEqual({ a: 'a' });
    expect(sink.kept.map((record) => record.kind)).toEqual(['instance-opened']);
    expect(instance.outcome).toBeDefined();
  });

  it('fills up under a guest that is writing: it is stopped at the first thing that is new', async () => {
    using tree = hostTree({ a: 'a' });
    // Opened, arguments, and the first uses that a read makes.
    const sink = new FailingSink(3, Infinity);
    const { instance } = await openGuest('filesystem', kind, options(tree.path, sink));
    await expect(instance.run()).rejects.toThrow(AuditError);
    expect(contents(tree)).toEqual({ a: 'a' });
  });

  it('a denial that cannot be recorded is a denial', async () => {
    const sink = new FailingSink(1, Infinity);
    const { instance } = await openGuest('nothing', kind, {
      policy: { version: 1 },
      audit: new AuditLog([sink]),
    });
    await expect(instance.run()).rejects.toThrow(AuditError);
    expect(instance.outcome).toEqual({ kind: 'exit', code: 0 });
  });
});

describe.each(WASI_VERSIONS)('WASI %s: how much is recorded', (_version, kind) => {
  const run = (level: string): ReturnType<typeof runGuest> =>
    runGuest('filesystem', kind, {
      grant: {
        audit: { level },
        filesystem: [{ id: 'm', mount: '/m', memory: {}, access: ['read', 'list', 'create', 'write'] }],
      },
      line: 'write /m/a 1 + write /m/b 2 + unlink /m/a + unlink /m/a + read /m/b',
    });

  it('grants: denials and no uses', async () => {
    const { of } = await run('grants');
    expect(of('grant-used')).toEqual([]);
    expect(of('denial')).toHaveLength(1);
  });

  it('denials: the first use of each access word of each grant', async () => {
    const { of } = await run('denials');
    const words = of('grant-used').flatMap(({ grant, access }) => (grant === 'm' ? (access ?? []) : []));
    expect(new Set(words)).toEqual(new Set(['read', 'create', 'write']));
    expect(of('denial')).toHaveLength(1);
    expect(of('instance-closed')[0]?.denials).toEqual({ total: 2, distinct: 1 });
  });

  it('uses: each of them', async () => {
    const { of } = await run('uses');
    const writes = of('grant-used').filter(({ grant, operation }) => grant === 'm' && operation === 'write');
    expect(writes.map(({ subject }) => subject)).toEqual([
      expect.stringMatching(/a$/),
      expect.stringMatching(/b$/),
    ]);
    const uses = of('instance-closed')[0]?.uses['m'];
    expect(of('grant-used').filter(({ grant }) => grant === 'm')).toHaveLength(uses ?? -1);
  });
});

describe.each(WASI_VERSIONS)(
  'WASI %s: a guest that uses a grant again and again under the level `uses`',
  (_version, kind) => {
    it('chooses how much it does, not how fast the log grows', async () => {
      const times = 1500;
      const run = await runGuest('paths', kind, {
        grant: {
          audit: { level: 'uses' },
          filesystem: [{ id: 'm', mount: '/m', memory: {}, access: 'read' }],
        },
        args: Array.from({ length: times }, () => ['stat', '.']).flat(),
      });
      expect(run.lines.filter((line) => line.startsWith('stat')).length).toBe(times);
      const seconds = Math.ceil(run.usage.wallTime / 1e9) + 1;
      expect(run.of('grant-used').length).toBeLessThanOrEqual(seconds * 1000);
      expect(run.of('limit')).toEqual([
        expect.objectContaining({ limit: 'audit uses per second', value: 1000 }),
      ]);
      // That listed and folded ones are all of them is checked for every run.
      const folded = run.of('uses-folded').flatMap(({ uses }) => uses);
      expect(folded).toContainEqual({ grant: 'm', operation: expect.any(String), count: expect.any(Number) });
      expect(run.of('instance-closed')[0]?.uses['m']).toBeGreaterThanOrEqual(times);
    });
  },
);

describe.each(WASI_VERSIONS)('WASI %s: text of the guest in the log', (_version, kind) => {
  const nasty = [
    'new\nline',
    'carriage\rreturn',
    '\u001b[2J\u001b[1;31mred',
    '\u001b]0;title\u0007',
    '"quote", {"json":1}',
    'right\u202eto-left',
    'zero\u200bwidth',
    'line\u2028separator',
    'back\\slash',
    '\u007fdelete',
    '\u009bcsi',
  ];

  it('stays on its line and drives no terminal', async () => {
    using tree = hostTree({});
    const file = join(tree.path, 'log.jsonl');
    const audit = new AuditLog([jsonLinesSink(file), new MemorySink()]);
    const run = await runGuest('paths', kind, {
      audit,
      grant: { filesystem: [{ id: 'm', mount: '/m', memory: {}, access: 'read' }] },
      args: nasty.flatMap((name) => ['mkdir', name]),
    });
    audit.close();
    expect(run.of('denial')).toHaveLength(nasty.length);
    const text = readFileSync(file, 'utf8');
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202e\u2028]/);
    const lines = text.split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(run.records);
    // Each still tells what it was.
    expect(run.of('denial').map(({ subject }) => unescape(subject))).toEqual(nasty);
  });

  it('is bounded: a path of any length makes a record of bounded length', async () => {
    const run = await runGuest('paths', kind, {
      grant: { filesystem: [{ id: 'm', mount: '/m', memory: {}, access: 'read' }] },
      args: ['mkdir', 'x'.repeat(4000), 'mkdir', `../${'y/'.repeat(2000)}`],
    });
    expect(run.of('denial').length).toBe(2);
    for (const record of run.records) expect(JSON.stringify(record).length).toBeLessThan(1500);
  });

  it('cannot flood it: past 1000 distinct denials they are counted', async () => {
    const run = await runGuest('paths', kind, {
      grant: { filesystem: [{ id: 'm', mount: '/m', memory: {}, access: 'read' }] },
      args: Array.from({ length: 1500 }, (_, i) => ['mkdir', `d${i}`]).flat(),
    });
    expect(run.of('denial')).toHaveLength(1000);
    expect(run.of('instance-closed')[0]?.denials).toEqual({ total: 1500, distinct: 1000 });
    expect(run.of('limit')).toEqual([
      expect.objectContaining({ limit: 'audit distinct denials', value: 1000 }),
    ]);
  });

  it('the same denial again and again is one record and a count', async () => {
    const run = await runGuest('paths', kind, {
      grant: { filesystem: [{ id: 'm', mount: '/m', memory: {}, access: 'read' }] },
      args: Array.from({ length: 300 }, () => ['mkdir', 'same']).flat(),
    });
    expect(run.of('denial')).toHaveLength(1);
    expect(run.of('instance-closed')[0]?.denials).toEqual({ total: 300, distinct: 1 });
  });
});

function unescape(text: string): string {
  return text.replaceAll(/\\u\{([0-9a-f]+)\}/g, (_, code: string) =>
    String.fromCodePoint(Number.parseInt(code, 16)),
  );
}
