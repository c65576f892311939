import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { AuditLog, type Instance, type InstanceError, type Program } from '../../src/index.ts';
import { engine } from '../support/guest-run.ts';
import { httpGuest, watGuest } from './index.ts';

const POLICY = { version: 1, clocks: { monotonic: { resolution: '1ms' } } } as const;

let program: Program;
beforeAll(async () => {
  program = await engine.compile(await httpGuest('server'), { name: 'server.wasm' });
});

const open = (limits: object = {}): Promise<Instance> =>
  program.instantiate({ policy: { ...POLICY, limits } });

const request = (path: string, init: RequestInit = {}): Request =>
  new Request(`http://shop.example${path}`, {
    ...init,
    ...(init.body instanceof ReadableStream && { duplex: 'half' }),
  });

async function textOf(instance: Instance, path: string, init?: RequestInit): Promise<string> {
  return (await instance.fetch(request(path, init))).text();
}

const decode = (chunk: unknown): string => new TextDecoder().decode(chunk as Uint8Array);

const codeOf = (code: string): unknown => expect.objectContaining({ code });

/** Bytes as they are pulled, and how many of them were. */
function counted(total: number): { body: ReadableStream<Uint8Array>; given: () => number } {
  let given = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        controller.enqueue(new Uint8Array(10_000).fill(97));
        given += 10_000;
        if (given >= total) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  return { body, given: () => given };
}

describe('a request', () => {
  it('arrives as it is: method, scheme, authority, path and fields', async () => {
    await using instance = await open();
    const headers = { 'x-one': '1', accept: 'text/plain', host: 'other.example', connection: 'close' };
    const text = await textOf(instance, '/describe/a%20b?x=1&y', { method: 'PUT', headers });
    expect(text).toBe('PUT http shop.example /describe/a%20b?x=1&y\naccept: text/plain\nx-one: 1\n');
  });

  it('may have a method of its own and a value with every byte', async () => {
    await using instance = await open();
    const response = await instance.fetch(
      request('/describe', { method: 'PURGE', headers: { 'x-name': 'caf\u00e9' } }),
    );
    const text = Buffer.from(await response.arrayBuffer()).toString('latin1');
    expect(text).toBe('PURGE http shop.example /describe\nx-name: caf\u00e9\n');
  });

  it('whose head is larger than an instance can have kept never reaches the guest', async () => {
    await using instance = await open();
    const headers = { 'x-large': 'x'.repeat(200_000) };
    await expect(instance.fetch(request('/count', { headers }))).rejects.toThrow(
      codeOf('BW_INSTANCE_NO_RESPONSE'),
    );
    expect(await textOf(instance, '/count')).toBe('1');
  });

  it('has its body read only as fast as the guest takes it', async () => {
    await using instance = await open();
    const { body, given } = counted(1_000_000);
    const response = await instance.fetch(request('/sleep/100', { method: 'POST', body }));
    expect(given()).toBeLessThan(100_000);
    await response.text();
    await instance.idle();
  });

  it('of a megabyte arrives whole', async () => {
    await using instance = await open();
    expect(await textOf(instance, '/drain', { method: 'POST', body: counted(1_000_000).body })).toBe(
      '1000000',
    );
  });

  it('whose body fails half-way fails for the guest', async () => {
    await using instance = await open();
    let pulls = 0;
    const body = new ReadableStream({
      pull(controller) {
        if (pulls++ === 0) controller.enqueue(new Uint8Array(5));
        else controller.error(new Error('secret'));
      },
    });
    expect(await textOf(instance, '/drain', { method: 'POST', body })).toBe('failed after 5');
  });

  it('has its body given up when the guest does not read it', async () => {
    await using instance = await open();
    let cancelled = false;
    const body = new ReadableStream({
      pull: () => new Promise(() => undefined),
      cancel: () => void (cancelled = true),
    });
    await textOf(instance, '/hello', { method: 'POST', body });
    await expect.poll(() => cancelled).toBe(true);
  });
});

describe('a response', () => {
  it('has the status, the fields in their order and the bytes of the guest', async () => {
    await using instance = await open();
    const response = await instance.fetch(request('/headers'));
    expect(response.status).toBe(200);
    expect([...response.headers]).toEqual([
      ['content-length', '2'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2; Path=/'],
      ['x-name', 'caf\u00c3\u00a9'],
    ]);
    expect(await response.text()).toBe('ok');
  });

  it('cannot have fields that are the connection’s', async () => {
    await using instance = await open();
    const response = await instance.fetch(request('/forbidden'));
    expect([...response.headers]).toEqual([]);
    expect(await response.text()).toBe('5');
  });

  it.each([204, 205, 304])('of status %i has no body', async (status) => {
    await using instance = await open();
    const response = await instance.fetch(request(`/status/${status}`));
    expect([response.status, response.body]).toEqual([status, null]);
  });

  it('to HEAD has no body', async () => {
    await using instance = await open();
    const response = await instance.fetch(request('/hello', { method: 'HEAD' }));
    expect(response.body).toBeNull();
    expect(response.headers.get('content-type')).toBe('text/plain');
    await instance.idle();
    expect(instance.outcome).toBeUndefined();
  });

  it('begins before the request’s body has ended, and both go on together', async () => {
    await using instance = await open();
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const response = await instance.fetch(request('/echo', { method: 'POST', body: readable }));
    const reader = response.body?.getReader();
    for (const word of ['one', 'two', 'three']) {
      void writer.write(new TextEncoder().encode(word));
      const { value } = (await reader?.read()) ?? {};
      expect(decode(value)).toBe(word);
    }
    void writer.close();
    expect(await reader?.read()).toMatchObject({ done: true });
  });

  it('is written only as fast as it is read', async () => {
    await using instance = await open();
    const { body, given } = counted(10_000_000);
    const response = await instance.fetch(request('/echo', { method: 'POST', body }));
    await delay(50);
    const before = given();
    expect(before).toBeLessThan(300_000);
    await response.body?.cancel();
    await instance.idle();
    expect(given()).toBeLessThan(before + 300_000);
  });

  it.each([0, 1, 65_536, 65_537, 1_000_000])('of %i bytes arrives whole', async (length) => {
    await using instance = await open();
    const response = await instance.fetch(request(`/big/${length}`));
    expect((await response.arrayBuffer()).byteLength).toBe(length);
  });

  it('that is given up half-way ends a guest that writes for ever', async () => {
    await using instance = await open();
    const response = await instance.fetch(request('/flood'));
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await instance.idle();
    expect(await textOf(instance, '/count')).toBe('2');
  });
});

describe('a guest that fails', () => {
  it.each([
    ['/trap', 'BW_INSTANCE_TRAPPED'],
    ['/silent', 'BW_INSTANCE_NO_RESPONSE'],
    ['/forget', 'BW_INSTANCE_NO_RESPONSE'],
    ['/refuse', 'BW_INSTANCE_NO_RESPONSE'],
  ])('%s before its answer: %s', async (path, code) => {
    await using instance = await open();
    await expect(instance.fetch(request(path))).rejects.toThrow(codeOf(code));
  });

  it.each([
    ['/trap-later', 'BW_INSTANCE_TRAPPED'],
    ['/unfinished', 'BW_INSTANCE_RESPONSE_UNFINISHED'],
    ['/spin-later', 'BW_INSTANCE_LIMIT'],
    ['/never-later', 'BW_INSTANCE_LIMIT'],
  ])('%s after its head fails the body: %s', async (path, code) => {
    await using instance = await open({ deadline: '300ms' });
    const response = await instance.fetch(request(path));
    expect(response.status).toBe(200);
    const reader = response.body?.getReader();
    expect(decode((await reader?.read())?.value)).toBe('half');
    await expect(reader?.read()).rejects.toThrow(codeOf(code));
  });

  it.each(['/spin', '/never'])('%s is ended by its deadline', async (path) => {
    await using instance = await open({ deadline: '200ms' });
    await expect(instance.fetch(request(path))).rejects.toThrow(codeOf('BW_INSTANCE_LIMIT'));
    expect(instance.outcome?.kind).toBe('limit');
  });

  it('by an error in the place of a response can be asked again', async () => {
    await using instance = await open();
    for (const path of ['/silent', '/refuse']) await instance.fetch(request(path)).catch(() => undefined);
    expect(await textOf(instance, '/count')).toBe('3');
  });

  it('by a trap cannot, and those that wait learn why', async () => {
    const audit = new AuditLog();
    await using instance = await program.instantiate({ policy: POLICY, audit });
    const answers = await Promise.allSettled(
      ['/trap', '/hello', '/hello'].map((path) => instance.fetch(request(path))),
    );
    expect(answers.map((each) => each.status)).toEqual(['rejected', 'rejected', 'rejected']);
    await expect(instance.fetch(request('/hello'))).rejects.toThrow(codeOf('BW_INSTANCE_TRAPPED'));
    expect(audit.records.at(-1)).toMatchObject({ kind: 'instance-closed', outcome: { kind: 'trap' } });
  });
});

describe('an instance', () => {
  it('has one request at a time, in the order in which they came', async () => {
    await using instance = await open();
    const order: string[] = [];
    const ask = async (path: string): Promise<void> => {
      await textOf(instance, path);
      order.push(path);
    };
    await Promise.all([ask('/sleep/50'), ask('/count'), ask('/hello')]);
    expect(order).toEqual(['/sleep/50', '/count', '/hello']);
    expect(await textOf(instance, '/count')).toBe('4');
  });

  it('is busy until the guest has returned, which it does after its answer', async () => {
    await using instance = await open();
    expect(await textOf(instance, '/linger/100')).toBe('hello, world\n');
    await expect(instance.call('incomingHandler#handle')).rejects.toThrow(codeOf('BW_INSTANCE_BUSY'));
    let idle = false;
    void instance.idle().then(() => (idle = true));
    await delay(20);
    expect(idle).toBe(false);
    await instance.idle();
    expect(instance.outcome).toBeUndefined();
  });

  it('lets no more than 1,024 requests wait', async () => {
    await using instance = await open();
    const waiting = Array.from({ length: 1025 }, () => instance.fetch(request('/sleep/1000')));
    const all = Promise.allSettled(waiting);
    await expect(instance.fetch(request('/hello'))).rejects.toThrow(codeOf('BW_INSTANCE_BUSY'));
    await instance.close();
    const codes = new Set(
      (await all).map((each) => each.status === 'rejected' && (each.reason as InstanceError).code),
    );
    expect([...codes]).toEqual(['BW_INSTANCE_CLOSED']);
  });

  it('keeps no more after a thousand requests than after one', async () => {
    await using instance = await open();
    await textOf(instance, '/hello');
    const { handles } = instance.usage();
    for (let i = 0; i < 1000; i++) await textOf(instance, i % 2 === 0 ? '/describe' : '/hello');
    expect(instance.usage().handles).toBe(handles);
  });

  it('that is closed ends the request that it is in', async () => {
    const instance = await open();
    const answer = instance.fetch(request('/never'));
    await delay(20);
    await instance.close();
    await expect(answer).rejects.toThrow(codeOf('BW_INSTANCE_CLOSED'));
  });

  it('of a program that is no handler says so', async () => {
    const library = await engine.compile(await watGuest('(component)'), { name: 'library.wasm' });
    await using instance = await library.instantiate({ policy: { version: 1 } });
    await expect(instance.fetch(request('/'))).rejects.toThrow(codeOf('BW_INSTANCE_NOT_A_HANDLER'));
  });
});

describe('a request that is aborted', () => {
  it('before its answer rejects with the reason', async () => {
    await using instance = await open();
    const abort = new AbortController();
    const answer = instance.fetch(request('/sleep/100', { signal: abort.signal }));
    abort.abort(new Error('enough'));
    await expect(answer).rejects.toThrow('enough');
    // The guest comes to its end, and its answer is nobody's.
    await instance.idle();
    expect(await textOf(instance, '/count')).toBe('2');
  });

  it('while it waits for its turn never reaches the guest', async () => {
    await using instance = await open();
    const abort = new AbortController();
    const first = textOf(instance, '/sleep/50');
    const second = instance.fetch(request('/hello', { signal: abort.signal }));
    abort.abort();
    await expect(second).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
    await first;
    expect(await textOf(instance, '/count')).toBe('2');
  });

  it('while it is sent fails for the guest', async () => {
    await using instance = await open();
    const abort = new AbortController();
    const body = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(3)) });
    const answer = instance.fetch(request('/drain', { method: 'POST', body, signal: abort.signal }));
    await delay(20);
    abort.abort();
    await expect(answer).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
    await instance.idle();
  });

  it('while it is answered ends what the guest writes', async () => {
    await using instance = await open();
    const abort = new AbortController();
    const response = await instance.fetch(request('/flood', { signal: abort.signal }));
    await response.body?.getReader().read();
    abort.abort();
    await instance.idle();
    expect(instance.outcome).toBeUndefined();
  });
});

it('tenants have instances of their own, each with its state', async () => {
  await using one = await program.instantiate({ policy: POLICY, tenant: 'one' });
  await using other = await program.instantiate({ policy: POLICY, tenant: 'other' });
  for (let i = 0; i < 3; i++) await textOf(one, '/hello');
  expect([await textOf(one, '/count'), await textOf(other, '/count')]).toEqual(['4', '1']);
});
