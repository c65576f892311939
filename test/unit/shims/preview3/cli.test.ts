import { describe, expect, test } from 'vitest';
import type { FutureSource, StreamSource } from '../../../../shims/canonical-abi/values.ts';
import { Grant, GRANTED } from '../../../../src/kernel/grant.ts';
import { ExitSignal, type Host } from '../../../../src/virtual/host.ts';
import type { ByteSink } from '../../../../src/virtual/machine.ts';
import { GuardedOutput } from '../../../../src/virtual/stdio/guarded-streams.ts';
import { nodeMachine } from '../../../../src/ambient/machine.ts';
import { GuestWriter, readOnce, streamOf, textToEnd, valueOf } from '../../../support/component-streams.ts';
import { testHost } from '../../../support/host.ts';
import { Caller } from './caller.ts';

type Via = readonly [StreamSource, FutureSource];
const OK = { tag: 'ok' };

test('arguments and variables arrive as they are, and there is no working directory', () => {
  const args = ['program', '', 'ünï ☃ 𝄞'];
  const env = [
    ['A', '1'],
    ['LEER', ''],
  ] as const;
  const caller = new Caller(testHost({ args, env }).host);
  expect(caller.call('wasi:cli/environment#get-arguments')).toEqual(args);
  expect(caller.call('wasi:cli/environment#get-environment')).toEqual(env);
  expect(caller.call('wasi:cli/environment#get-initial-cwd')).toBeUndefined();
  const bare = new Caller(testHost().host);
  expect(bare.call('wasi:cli/environment#get-arguments')).toEqual([]);
  expect(bare.call('wasi:cli/environment#get-environment')).toEqual([]);
});

test.each([
  ['exit', { tag: 'ok' }, 0],
  ['exit', { tag: 'err', val: undefined }, 1],
  ['exit-with-code', 42, 42],
])('%s(%j) leaves with code %d', (name, argument, code) => {
  const caller = new Caller(testHost().host);
  let thrown: unknown;
  try {
    caller.call(`wasi:cli/exit#${name}`, argument);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(ExitSignal);
  expect((thrown as ExitSignal).exitCode).toBe(code);
});

test('no instance has a terminal', () => {
  const caller = new Caller(testHost().host);
  for (const name of ['stdin', 'stdout', 'stderr'])
    expect(caller.call(`wasi:cli/terminal-${name}#get-terminal-${name}`)).toBeUndefined();
});

describe('stdin', () => {
  const read = (host: Host): Via => new Caller(host).call('wasi:cli/stdin#read-via-stream') as Via;

  test('is read to its end', async () => {
    const [stream, ended] = read(testHost({ stdin: Buffer.from('hello') }).host);
    expect(await readOnce(stream, 2)).toEqual({ result: 'completed', items: [104, 101] });
    expect(await textToEnd(stream)).toBe('llo');
    expect(await valueOf(ended)).toEqual(OK);
  });

  test('is waited for, and a wait is given up', async () => {
    const { promise: typed, resolve: type } = Promise.withResolvers<void>();
    async function* typing(): AsyncGenerator<string> {
      await typed;
      yield 'late';
    }
    const { host } = testHost({ stdin: typing() });
    const [stream, ended] = read(host);
    const reading = readOnce(stream, 10);
    stream.cancel();
    expect(await reading).toEqual({ result: 'cancelled', items: [] });
    type();
    expect(await textToEnd(stream)).toBe('late');
    expect(await valueOf(ended)).toEqual(OK);
  });

  test('dropped is no error, and leaves it to the next stream', async () => {
    const { host } = testHost({ stdin: Buffer.from('hello') });
    const [stream, ended] = read(host);
    await readOnce(stream, 2);
    stream.drop();
    expect(await valueOf(ended)).toEqual(OK);
    expect(await textToEnd(read(host)[0])).toBe('llo');
  });

  test('fails as it fails', async () => {
    async function* broken(): AsyncGenerator<string> {
      yield 'a';
      throw new Error('broken');
    }
    const [stream, ended] = read(testHost({ stdin: broken() }).host);
    expect(await textToEnd(stream)).toBe('a');
    expect(await valueOf(ended)).toEqual({ tag: 'err', val: 'io' });
  });

  test('is empty where it is not granted, on record', async () => {
    const { host, records } = testHost({ stdin: false });
    const [stream, ended] = read(host);
    expect(await textToEnd(stream)).toBe('');
    expect(await valueOf(ended)).toEqual(OK);
    expect(records.map(({ kind, request }) => [kind, request.operation])).toEqual([['denied', 'stdin']]);
  });
});

describe.each(['stdout', 'stderr'] as const)('%s', (name) => {
  const write = (host: Host, data: StreamSource): FutureSource =>
    new Caller(host).call(`wasi:cli/${name}#write-via-stream`, data) as FutureSource;

  test('takes a stream to its end', async () => {
    const test = testHost();
    expect(await valueOf(write(test.host, streamOf('hello')))).toEqual(OK);
    expect(test[name]()).toBe('hello');
    expect(await valueOf(write(test.host, streamOf('')))).toEqual(OK);
  });

  test('takes no more than where it goes takes', async () => {
    const taken: number[] = [];
    let drain: (() => void) | undefined;
    const sink: ByteSink = {
      write: (chunk) => {
        taken.push(chunk.length);
        return new Promise<void>((resolve) => (drain = resolve));
      },
    };
    const host = { ...testHost().host, [name]: nodeMachine.openOutput(sink, name) };
    const data = new GuestWriter();
    const ended = valueOf(write(host, data));
    void data.write(new Uint8Array(200_000));
    expect(taken).toEqual([65_536]);
    expect(data.left).toBe(200_000 - 65_536);
    data.end();
    for (let left = 3; left > 0; left--) {
      drain?.();
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    expect(taken).toEqual([65_536, 65_536, 65_536, 200_000 - 3 * 65_536]);
    drain?.();
    expect(await ended).toEqual(OK);
  });

  test('under a budget, and once it is revoked, ends the stream with why, on record', async () => {
    const test = testHost();
    const grant = new Grant(name, 'stdio', GRANTED, {});
    const guarded = (bytes: number): Host => {
      const { guard, meter } = test.host;
      return {
        ...test.host,
        [name]: new GuardedOutput(test.host[name], grant, guard, meter, { name, bytes }),
      };
    };
    const data = new GuestWriter();
    const ended = valueOf(write(guarded(6), data));
    await data.write('hello');
    await data.write('world');
    expect([await ended, data.dropped]).toEqual([{ tag: 'err', val: 'io' }, true]);
    const more = new GuestWriter();
    const revoked = valueOf(write(guarded(100), more));
    await more.write('!');
    test.host.guard.revoke(grant);
    await more.write('?');
    expect([await revoked, more.dropped]).toEqual([{ tag: 'err', val: 'pipe' }, true]);
    expect(test[name]()).toBe('hello!');
    const kinds = test.records.filter(({ grant }) => grant?.startsWith(name)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind !== 'used')).toEqual(['limited', 'denied']);
  });

  test('ends with the instance, and lets go of the stream', () => {
    const caller = new Caller(testHost().host);
    const data = new GuestWriter();
    caller.call(`wasi:cli/${name}#write-via-stream`, data);
    caller.context.end(new Error('over'));
    expect(data.dropped).toBe(true);
  });
});

test('stdout that is not granted takes nothing, on record', async () => {
  const { host, records } = testHost({ stdout: false });
  const data = new GuestWriter();
  const ended = new Caller(host).call('wasi:cli/stdout#write-via-stream', data) as FutureSource;
  expect([await valueOf(ended), data.dropped]).toEqual([{ tag: 'err', val: 'pipe' }, true]);
  expect(records.map(({ kind, request }) => [kind, request.operation])).toEqual([['denied', 'stdout']]);
});
