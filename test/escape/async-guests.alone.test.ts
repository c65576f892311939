/**
 * Guests of WASI 0.3 that misuse its streams, futures, subtasks and waitable sets, as section C of the cases has it: each ends in
 * the way that the specification names, and nobody else notices.
 */
import { describe, expect, test } from 'vitest';
import type { GuestOptions } from '../support/guest-run.ts';
import { type HostileRun, runHostile } from './hostile.ts';

/** What the process may keep of a guest that has ended, in bytes: code that was compiled meanwhile, and the like. */
const MAX_GROWTH = 4 << 20;

describe('a copy or an async call that is cancelled at once, twenty thousand times', () => {
  test.each(['cancel-spin-stream', 'cancel-spin-future', 'cancel-spin-own', 'cancel-spin-subtask'])(
    '%s: comes to its end, and keeps nothing',
    async (name) => {
      const { run, grew } = await runHostile(name, {
        limits: { handles: 20, deadline: '20s' },
        weighed: true,
      });
      expect(run.outcome).toEqual({ kind: 'exit', code: 0 });
      expect(run.of('limit')).toEqual([]);
      expect(run.usage.handlesPeak).toBeLessThan(20);
      expect(grew).toBeLessThan(MAX_GROWTH);
    },
  );
});

describe('handle-flood', () => {
  test.each(['flood-streams', 'flood-futures', 'flood-subtasks', 'flood-sets', 'flood-host-streams'])(
    '%s: the limit of handles ends it',
    async (name) => {
      const { run, grew } = await runHostile(name, {
        limits: { handles: 1000, deadline: '20s' },
        weighed: true,
      });
      expect(run.outcome.kind).toBe('trap');
      expect(run.of('limit').map(({ limit, value }) => [limit, value])).toEqual([['limits.handles', 1000]]);
      expect(run.usage.handlesPeak).toBeLessThanOrEqual(1000);
      expect(grew).toBeLessThan(MAX_GROWTH);
    },
  );
});

describe.each([
  [
    'huge-length: nothing is allocated for what is only said',
    [
      'length-past-maximum',
      'length-past-memory',
      'length-that-wraps',
      'length-of-path',
      'length-of-path-maximum',
      'result-past-memory',
      'result-unaligned',
      'event-past-memory',
    ],
  ],
  [
    'double-drop',
    [
      'drop-stream-twice',
      'drop-wrong-end',
      'drop-future-unwritten',
      'drop-future-twice',
      'drop-set-twice',
      'drop-set-in-use',
      'drop-descriptor-twice',
      'drop-stream-as-descriptor',
      'drop-descriptor-as-stream',
      'drop-index-zero',
      'drop-index-maximum',
      'use-after-transfer',
      'transfer-in-set',
    ],
  ],
  [
    'drop-while-copying',
    [
      'drop-while-reading',
      'drop-while-writing',
      'transfer-while-reading',
      'read-twice',
      'read-future-twice',
      'cancel-nothing',
      'read-after-end',
      'write-future-after-drop',
    ],
  ],
  [
    'malformed-strings, and what else cannot be',
    [
      'malformed-utf8',
      'malformed-surrogate',
      'malformed-enum',
      'malformed-variant',
      'malformed-result',
      'malformed-exit-code',
      'malformed-wait-set',
      'malformed-wait-subtask',
    ],
  ],
  ['subtasks', ['subtask-cancel-twice', 'subtask-drop-early', 'subtask-drop-twice', 'subtask-cancel-stream']],
  [
    'task-return',
    ['return-twice', 'return-never', 'cancel-unasked', 'backpressure-below-zero', 'backpressure-overflow'],
  ],
  ['recursion', ['recursion']],
])('%s', (_case, names) => {
  test.each(names)('%s: a trap', async (name) => {
    const { run, grew } = await runHostile(name);
    expectTrap(run);
    expect(run.of('limit')).toEqual([]);
    expect(grew).toBeLessThan(32 << 20);
  });
});

/** Says in words of the specification what was wrong: no name or place of our code, no JavaScript error that got through. */
function expectTrap({ outcome }: HostileRun['run']): void {
  expect(outcome.kind).toBe('trap');
  expect(JSON.stringify(outcome)).not.toMatch(/\.ts|undefined|null|TypeError|is not a function/);
}

describe('what looks wrong, and is not', () => {
  test.each([
    'drop-stdin-as-stdout',
    'malformed-flags',
    'extreme-times',
    'offset-overflow',
    'timer-overflow',
  ])('%s: the guest goes on', async (name) => {
    const { run } = await runHostile(name);
    expect(run.outcome).toEqual({ kind: 'exit', code: 0 });
  });

  test('memory-grow: up to the limit, then a plain failure', async () => {
    const { run } = await runHostile('memory-grow', { limits: { memory: '16MiB' } });
    expect(run.outcome).toEqual({ kind: 'exit', code: 0 });
    expect(run.usage.memory).toBe(16 << 20);
  });

  test('stdout-flood: up to what the policy grants', async () => {
    const { run, grew } = await runHostile('stdout-flood', {
      grant: { arguments: true, stdio: { stderr: { bytes: '4MiB' } }, limits: { handles: 20 } },
      stderr: { write: () => undefined },
      weighed: true,
    });
    expect(run.outcome).toEqual({ kind: 'exit', code: 0 });
    expect(run.usage.stderrBytes).toBe(4 << 20);
    expect(run.of('limit').map(({ limit }) => limit)).toEqual(['stdio/stderr bytes']);
    expect(grew).toBeLessThan(MAX_GROWTH);
  });

  test('terminal-escapes: nothing raw in the log', async () => {
    const { run } = await runHostile('terminal-escapes');
    expect(run.outcome).toEqual({ kind: 'exit', code: 0 });
    expect(JSON.stringify(run.records)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });
});

describe('infinite-loop: the deadline ends it', () => {
  const DEADLINE_MS = 800;
  const limits = { deadline: `${DEADLINE_MS}ms` };

  /** @returns how often the event loop came round meanwhile */
  async function runToDeadline(name: string, options: GuestOptions = {}): Promise<number> {
    const { run, beats, took } = await runHostile(name, { limits, ...options });
    expect(run.outcome).toMatchObject({ kind: 'limit', limit: 'limits.deadline' });
    // The deadline counts from when the instance was opened.
    expect(took).toBeGreaterThan(DEADLINE_MS / 2);
    expect(took).toBeLessThan(DEADLINE_MS * 10);
    return beats;
  }

  test.each(['loop-forever', 'busy-clock'])('%s', async (name) => {
    await runToDeadline(name);
  });

  test.each([
    'yield-forever',
    'yield-in-a-loop',
    'busy-poll',
    'wait-forever',
    'wait-on-nothing',
    'read-own-stream',
    'wait-in-a-row',
  ])('%s: all others have their turns', async (name) => {
    expect(await runToDeadline(name)).toBeGreaterThan(8);
  });
});
