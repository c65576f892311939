import vm from 'node:vm';
import { describe, expect, test } from 'vitest';
import {
  endedError,
  exitCodeOf,
  type Outcome,
  outcomeOf,
  outcomeRecord,
} from '../../../src/engine/outcome.ts';
import { ExitSignal, GuestTrap } from '../../../src/virtual/host.ts';

const elsewhere = vm.createContext({});
const uncaught: Outcome = { kind: 'trap', reason: 'an exception that the guest did not catch' };
const hostError = Object.assign(new Error('password: hunter2'), { code: 'ECONNREFUSED' });

describe('what was thrown through the guest’s frames', () => {
  test.each<[string, unknown, Outcome]>([
    ['an exit', new ExitSignal(3), { kind: 'exit', code: 3 }],
    ['a trap of the host’s', new GuestTrap('bad handle'), { kind: 'trap', reason: 'bad handle' }],
    ['a trap', new WebAssembly.RuntimeError('unreachable'), { kind: 'trap', reason: 'unreachable' }],
    [
      'a trap of another realm',
      vm.runInContext('new WebAssembly.RuntimeError("unreachable")', elsewhere),
      { kind: 'trap', reason: 'unreachable' },
    ],
    ['an exception', exceptionOf(WebAssembly), uncaught],
    [
      'an exception of another realm',
      exceptionOf(vm.runInContext('WebAssembly', elsewhere) as typeof WebAssembly),
      uncaught,
    ],
    ['a full stack of another realm', overflow(), { kind: 'trap', reason: 'call stack exhausted' }],
    [
      'a suspension where none can be',
      new WebAssembly.SuspendError('x'),
      { kind: 'trap', reason: 'a blocking call where the guest cannot wait (a start function)' },
    ],
    [
      'a range error of a host function',
      new RangeError('Invalid array length'),
      { kind: 'host-error', error: new RangeError('Invalid array length') },
    ],
    ['an error of a host function', hostError, { kind: 'host-error', error: hostError }],
    ['no error at all', 'text', { kind: 'host-error', error: 'text' }],
    ['nothing', undefined, { kind: 'host-error', error: undefined }],
  ])('%s', (_, thrown, outcome) => {
    expect(outcomeOf(thrown)).toEqual(outcome);
  });

  function exceptionOf({ Exception, Tag }: typeof WebAssembly): unknown {
    return new Exception(new Tag({ parameters: [] }), []);
  }

  function overflow(): unknown {
    return vm.runInContext(
      '(() => { const f = () => f() + 1; try { f(); } catch (error) { return error; } })()',
      elsewhere,
    );
  }
});

test.each<[Outcome, number, string]>([
  [{ kind: 'exit', code: 7 }, 7, 'BW_INSTANCE_ENDED'],
  [{ kind: 'trap', reason: 'unreachable' }, 134, 'BW_INSTANCE_TRAPPED'],
  [{ kind: 'limit', limit: 'limits.deadline', value: 5 }, 124, 'BW_INSTANCE_LIMIT'],
  [{ kind: 'cancelled' }, 130, 'BW_INSTANCE_CLOSED'],
  [{ kind: 'host-error', error: hostError }, 125, 'BW_HOST_ERROR'],
])('$kind has an exit code and an error of its own', (outcome, exitCode, code) => {
  expect(exitCodeOf(outcome)).toBe(exitCode);
  expect(endedError(outcome)).toMatchObject({ name: 'InstanceEndedError', outcome, code });
});

test('of a host function’s error, the log gets the code, and the embedder the error', () => {
  const outcome: Outcome = { kind: 'host-error', error: hostError };
  expect(outcomeRecord(outcome)).toEqual({ kind: 'host-error', code: 'ECONNREFUSED' });
  expect(endedError(outcome).cause).toBe(hostError);
  expect(outcomeRecord({ kind: 'host-error', error: 'text' })).toEqual({
    kind: 'host-error',
    code: 'BW_HOST_ERROR',
  });
});
