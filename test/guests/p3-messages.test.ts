/** Every function of wasi:http/types of 0.3, called by a guest; what is sent is in p3-messages-sent.test.ts. */
import { describe, expect, it } from 'vitest';
import { MAX_FIELDS_BYTES } from '../../src/virtual/http/fields.ts';
import { limits, lineGuest } from '../support/sockets-guest.ts';
import { p3Guest } from './p3.ts';

const { run } = lineGuest(() => p3Guest('messages'), 'http');

/** @returns what a guest without any rule prints */
async function printedBy(...line: string[]): Promise<readonly string[]> {
  const { lines, outcome } = await run([], line);
  expect(outcome).toEqual({ kind: 'exit', code: 0 });
  return lines;
}

describe('fields', () => {
  it('are made, asked, changed and copied', async () => {
    expect(
      await printedBy(
        'fields',
        'append Foo 1',
        'append bar 2',
        'append FOO 3',
        'all',
        'get fOO',
        'get none',
        'has BAR',
        'has none',
        'set bar 4 5',
        'all',
        'clone',
        'take foo',
        'take foo',
        'delete bar',
        'delete bar',
        'all',
        'drop fields',
      ),
    ).toEqual([
      'fields=ok',
      'append=ok',
      'append=ok',
      'append=ok',
      'all=Foo: 1; bar: 2; Foo: 3',
      'get=[1] [3]',
      'get=',
      'has=yes',
      'has=no',
      'set=ok',
      'all=Foo: 1; Foo: 3; bar: 4; bar: 5',
      'clone=ok',
      'take=[1] [3]',
      'take=',
      'delete=ok',
      'delete=ok',
      'all=',
      'drop=ok',
    ]);
  });

  it('are made from a list', async () => {
    expect(await printedBy('from-list a 1 B 2', 'all', 'from-list', 'all', 'set a')).toEqual([
      'from-list=ok',
      'all=a: 1; B: 2',
      'from-list=ok',
      'all=',
      'set=ok',
    ]);
  });

  it.each([
    ['a name that is no token', 'a:b', 'x', 'invalid-syntax'],
    ['a line break in a value', 'a', 'x\r\nb:y', 'invalid-syntax'],
    ['a field of the connection', 'Host', 'x', 'forbidden'],
  ])('refuse %s', async (_what, name, value, error) => {
    const ofName = name === 'a' ? 'ok' : error;
    expect(
      await printedBy(
        'fields',
        `append ${name} ${value}`,
        `set ${name} ${value}`,
        `from-list ok 1 ${name} ${value}`,
        `delete ${name}`,
        `take ${name}`,
        `get ${name}`,
        `has ${name}`,
        'all',
      ),
    ).toEqual([
      'fields=ok',
      `append=${error}`,
      `set=${error}`,
      `from-list=${error}`,
      `delete=${ofName}`,
      `take=${ofName === 'ok' ? '' : error}`,
      'get=',
      'has=no',
      'all=',
    ]);
  });

  it('of a message cannot be changed, their copy can', async () => {
    const change = ['append b 2', 'set a 2', 'delete a', 'take a'];
    expect(
      await printedBy('from-list a 1', 'request', 'headers', ...change, 'all', 'clone', 'append b 2', 'all'),
    ).toEqual([
      'from-list=ok',
      'request=ok',
      'headers=ok',
      'append=immutable',
      'set=immutable',
      'delete=immutable',
      'take=immutable',
      'all=a: 1',
      'clone=ok',
      'append=ok',
      'all=a: 1; b: 2',
    ]);
  });

  it('of a message outlive it', async () => {
    expect(await printedBy('from-list a 1', 'request', 'headers', 'drop request', 'get a')).toEqual([
      'from-list=ok',
      'request=ok',
      'headers=ok',
      'drop=ok',
      'get=[1]',
    ]);
  });

  it('have a bound, which is on record', async () => {
    const end = await run([], ['fields', `append-long a ${MAX_FIELDS_BYTES}`, 'append a 1', 'all']);
    expect(end.lines).toEqual(['fields=ok', 'append-long=size-exceeded', 'append=ok', 'all=a: 1']);
    expect(limits(end.records)).toEqual(['http fields.bytes']);
  });

  it('are counted as handles', async () => {
    const end = await run([], Array(20).fill('fields'), { grant: { limits: { handles: 12 } } });
    expect(end.lines.length).toBeLessThan(12);
    expect(end.outcome).toMatchObject({ kind: 'trap' });
    expect(end.of('limit')).toMatchObject([{ limit: 'limits.handles', value: 12, subject: 'fields' }]);
  });
});

describe('a request', () => {
  it('is a GET for nothing at first', async () => {
    expect(
      await printedBy('request', 'method', 'scheme', 'authority', 'path', 'get-options', 'headers', 'all'),
    ).toEqual([
      'request=ok',
      'method=get',
      'scheme=none',
      'authority=none',
      'path=none',
      'get-options=none',
      'headers=ok',
      'all=',
    ]);
  });

  it.each([
    ['method', 'delete', 'delete'],
    ['method', 'PATCH', 'patch'],
    ['method', 'brew', 'other(brew)'],
    ['scheme', 'HTTP', 'HTTP'],
    ['scheme', 'https', 'HTTPS'],
    ['scheme', 'gopher', 'other(gopher)'],
    ['authority', 'user@api.test:8080', 'user@api.test:8080'],
    ['authority', '[::1]:80', '[::1]:80'],
    ['path', '/a/b?c=d', '/a/b?c=d'],
  ])('takes a %s: %s', async (part, word, got) => {
    expect(await printedBy('request', `set-${part} ${word}`, part)).toEqual([
      'request=ok',
      `set-${part}=ok`,
      `${part}=${got}`,
    ]);
  });

  it.each([
    ['method', 'GET', 'a@b', 'get'],
    ['scheme', 'HTTP', '1a', 'HTTP'],
    ['authority', 'api.test', 'api.test:port', 'api.test'],
    ['authority', 'api.test', 'a/b', 'api.test'],
    ['path', '/a', '/a#b', '/a'],
    ['path', '/a', '/\r\nHost:b', '/a'],
  ])('keeps its %s %s where %j is none', async (part, good, bad, kept) => {
    expect(await printedBy('request', `set-${part} ${good}`, `set-${part} ${bad}`, part)).toEqual([
      'request=ok',
      `set-${part}=ok`,
      `set-${part}=error`,
      `${part}=${kept}`,
    ]);
  });

  it.each([
    ['scheme', 'HTTP'],
    ['authority', 'api.test'],
    ['path', '/a'],
  ])('can lose its %s', async (part, word) => {
    expect(await printedBy('request', `set-${part} ${word}`, `set-${part} none`, part)).toEqual([
      'request=ok',
      `set-${part}=ok`,
      `set-${part}=ok`,
      `${part}=none`,
    ]);
  });

  it('that is dropped takes no body, and was not sent', async () => {
    expect(await printedBy('request body', 'drop request', 'write text', 'finish', 'sent')).toEqual([
      'request=ok',
      'drop=ok',
      'write=dropped',
      'finish=dropped',
      'sent=internal-error',
    ]);
  });
});

describe('options', () => {
  it.each(['connect', 'first-byte', 'between-bytes'])('have a timeout, %s', async (name) => {
    const others = ['connect', 'first-byte', 'between-bytes'].filter((other) => other !== name);
    expect(
      await printedBy(
        'options',
        `timeout ${name}`,
        `set-timeout ${name} 18446744073709551615`,
        `timeout ${name}`,
        ...others.map((other) => `timeout ${other}`),
        `set-timeout ${name} none`,
        `timeout ${name}`,
      ),
    ).toEqual([
      'options=ok',
      'timeout=none',
      'set-timeout=ok',
      'timeout=18446744073709551615',
      'timeout=none',
      'timeout=none',
      'set-timeout=ok',
      'timeout=none',
    ]);
  });

  it.each(['connect', 'first-byte', 'between-bytes'])(
    'of a request cannot be changed, their copy can: %s',
    async (name) => {
      expect(
        await printedBy(
          'options',
          `set-timeout ${name} 5`,
          'request',
          'get-options',
          `set-timeout ${name} 6`,
          `timeout ${name}`,
          'clone-options',
          `set-timeout ${name} 7`,
          `timeout ${name}`,
          'drop options',
          'get-options',
          `timeout ${name}`,
        ),
      ).toEqual([
        'options=ok',
        'set-timeout=ok',
        'request=ok',
        'get-options=some',
        'set-timeout=immutable',
        'timeout=5',
        'clone-options=ok',
        'set-timeout=ok',
        'timeout=7',
        'drop=ok',
        'get-options=some',
        'timeout=5',
      ]);
    },
  );
});

describe('a response of its own', () => {
  it('has a status and fields', async () => {
    expect(
      await printedBy(
        'from-list a 1',
        'answer',
        'status',
        'set-status 404',
        'status',
        'set-status 99',
        'set-status 600',
        'status',
        'headers',
        'append b 2',
        'all',
      ),
    ).toEqual([
      'from-list=ok',
      'answer=ok',
      'status=200',
      'set-status=ok',
      'status=404',
      'set-status=error',
      'set-status=error',
      'status=404',
      'headers=ok',
      'append=immutable',
      'all=a: 1',
    ]);
  });

  it('is told what its reader made of it', async () => {
    expect(await printedBy('answer', 'consume', 'read', 'done error', 'sent')).toEqual([
      'answer=ok',
      'consume=ok',
      'read=',
      'done=ok',
      'sent=connection-terminated',
    ]);
  });
});
