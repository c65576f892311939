import { beforeEach, describe, expect, it } from 'vitest';
import type { Fields } from '../../../../shims/preview2/http/fields.ts';
import type { OutgoingBody } from '../../../../shims/preview2/http/outgoing-body.ts';
import type { OutgoingRequest } from '../../../../shims/preview2/http/outgoing-request.ts';
import { HTTP_BUDGET } from '../../../../src/virtual/http/budget.ts';
import { MAX_FIELDS_BYTES } from '../../../../src/virtual/http/fields.ts';
import { GuestTrap } from '../../../../src/virtual/host.ts';
import { type TestHost, testHost } from '../../../support/host.ts';
import { Caller } from './caller.ts';

interface HttpTypes {
  readonly Fields: typeof Fields;
  readonly OutgoingBody: typeof OutgoingBody;
  readonly OutgoingRequest: typeof OutgoingRequest;
  readonly httpErrorCode: (error: unknown) => unknown;
}

const SET = 'wasi:http/types#[method]fields.set';
const FROM_LIST = 'wasi:http/types#[static]fields.from-list';

let test: TestHost;
let caller: Caller;
let http: HttpTypes;

beforeEach(() => {
  test = testHost();
  caller = new Caller(test.host);
  http = caller.plain('wasi:http/types') as HttpTypes;
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** @returns the error case of a `result`, or undefined for ok */
function errorOf(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    if (!Object.hasOwn(error as object, 'payload')) throw error;
    return (error as { payload: { tag: string } | undefined }).payload?.tag ?? 'none';
  }
}

function limits(): unknown[] {
  return test.records.map(({ kind, grant }) => [kind, grant]);
}

describe('fields', () => {
  it.each([
    ['a name that is no token', 'a:', 'x', 'invalid-syntax'],
    ['an empty name', '', 'x', 'invalid-syntax'],
    ['a line break', 'a', 'x\r\nb: y', 'invalid-syntax'],
    ['a NUL', 'a', 'x\0', 'invalid-syntax'],
    ['a DEL', 'a', '\x7f', 'invalid-syntax'],
    ['a field of the connection', 'HOST', 'x', 'forbidden'],
    ['a tab and other letters', 'a', '\té', undefined],
  ])('take %s as WIT has it', (_what, name, value, error) => {
    const fields = new http.Fields();
    expect(errorOf(() => fields.append(name, bytes(value)))).toBe(error);
    expect(errorOf(() => fields.set(name, [bytes(value)]))).toBe(error);
    expect(errorOf(() => http.Fields.fromList([[name, bytes(value)]]))).toBe(error);
    expect(fields.entries()).toHaveLength(error === undefined ? 1 : 0);
  });

  it('have all or nothing of a list', () => {
    const fields = new http.Fields();
    fields.set('a', [bytes('1')]);
    expect(errorOf(() => fields.set('a', [bytes('2'), bytes('\n')]))).toBe('invalid-syntax');
    expect(fields.get('A')).toEqual([bytes('1')]);
  });

  it('of a request cannot be changed, through whatever handle', () => {
    const request = new http.OutgoingRequest(new http.Fields());
    const headers = request.headers();
    expect(errorOf(() => headers.append('a', bytes('1')))).toBe('immutable');
    expect(errorOf(() => headers.delete('a'))).toBe('immutable');
    request[Symbol.dispose]();
    expect(headers.entries()).toEqual([]);
  });

  it('take just as many bytes as is said, and trap over it', () => {
    const fields = new http.Fields();
    const value = new Uint8Array(MAX_FIELDS_BYTES - 32 - 1).fill(0x61);
    fields.set('a', [value]);
    expect(() => fields.append('b', new Uint8Array())).toThrow(GuestTrap);
    expect(fields.entries()).toHaveLength(1);
    expect(limits()).toEqual([['limited', 'http fields.bytes']]);
  });

  it('of an instance take a bounded number of bytes together, which come back when they are dropped', () => {
    const one = (): Fields =>
      http.Fields.fromList(
        [['a', new Uint8Array(100_000)]].map(([name, value]) => [
          name as string,
          (value as Uint8Array).fill(0x61),
        ]),
      );
    const kept: Fields[] = [];
    const fill = (): void => {
      for (;;) kept.push(one());
    };
    expect(fill).toThrow(GuestTrap);
    expect(kept).toHaveLength(Math.floor(HTTP_BUDGET / 100_033));
    // A request shares its headers with every handle of them.
    const request = new http.OutgoingRequest(kept.pop() as Fields);
    const headers = request.headers();
    request[Symbol.dispose]();
    expect(one).toThrow(GuestTrap);
    headers[Symbol.dispose]();
    one()[Symbol.dispose]();
    expect(() => kept.push(one())).not.toThrow();
  });

  it('and all else give their handles back', () => {
    const { meter } = test.host;
    const before = meter.handles;
    const request = new http.OutgoingRequest(new http.Fields());
    const body = request.body();
    body.write()[Symbol.dispose]();
    http.OutgoingBody.finish(body, new http.Fields());
    expect(errorOf(() => http.Fields.fromList([['', bytes('')]]))).toBe('invalid-syntax');
    expect(meter.handles).toBe(before + 1);
    request[Symbol.dispose]();
    expect(meter.handles).toBe(before);
  });
});

describe('lowered fields', () => {
  /** `count` times the same value of `length` bytes, as a `list<list<u8>>`, or with a name each. */
  function list(count: number, length: number, name?: string): [number, number] {
    const [value] = caller.bytes(new Uint8Array(length).fill(0x61));
    const entry = [...(name === undefined ? [] : caller.string(name)), value, length];
    const words = Uint32Array.from(
      { length: count * entry.length },
      (_, i) => entry[i % entry.length] as number,
    );
    caller.allocate(0, 4);
    const pointer = caller.allocate(words.byteLength, 4);
    new Uint8Array(caller.memory.buffer).set(new Uint8Array(words.buffer), pointer);
    return [pointer, count];
  }

  it('come from a list and are set', () => {
    const result = caller.allocate(8, 4);
    caller.call(FROM_LIST, ...list(2, 3, 'Name'), result);
    expect(caller.u8(result)).toBe(0);
    const handle = caller.u32(result + 4);
    const fields = caller.context.resources.fields.get(handle);
    expect(fields.entries().map(({ name, value }) => [name, value.length])).toEqual([
      ['Name', 3],
      ['Name', 3],
    ]);
    caller.call(SET, handle, ...caller.string('name'), ...list(1, 5), result);
    expect([caller.u8(result), fields.get('NAME')[0]?.length]).toEqual([0, 5]);
  });

  it('answer the errors of WIT by their numbers', () => {
    const result = caller.allocate(8, 4);
    const { handles } = test.host.meter;
    for (const [name, ordinal] of [
      ['a b', 0],
      ['upgrade', 1],
    ] as const) {
      caller.call(FROM_LIST, ...list(1, 1, name), result);
      expect([caller.u8(result), caller.u8(result + 4)]).toEqual([1, ordinal]);
    }
    expect(test.host.meter.handles).toBe(handles);
  });

  it.each([
    ['many entries', 5000, 0],
    ['overlapping entries', 100, 10_000],
  ])('copy nothing out of the guest beyond their bound: %s', (_what, count, length) => {
    const result = caller.allocate(8, 4);
    expect(() => caller.call(FROM_LIST, ...list(count, length, 'a'), result)).toThrow(GuestTrap);
    const handle = caller.context.resources.fields.add(new http.Fields().target);
    expect(() => caller.call(SET, handle, ...caller.string('a'), ...list(count, length), result)).toThrow(
      GuestTrap,
    );
    expect(limits()).toContainEqual(['limited', 'http fields.bytes']);
  });

  it('trap on lists out of bounds', () => {
    const result = caller.allocate(8, 4);
    expect(() => caller.call(FROM_LIST, 0xfff0_0000, 100, result)).toThrow(GuestTrap);
    expect(() => caller.call(FROM_LIST, 0, 0xffff_ffff, result)).toThrow(GuestTrap);
  });
});

describe('an outgoing request', () => {
  it.each([
    ['setMethod', { tag: 'other', val: 'a b' }, 'none'],
    ['setMethod', { tag: 'other', val: 'PROPFIND' }, undefined],
    ['setScheme', { tag: 'other', val: '1a' }, 'none'],
    ['setScheme', { tag: 'HTTP' }, undefined],
    ['setAuthority', '', 'none'],
    ['setAuthority', 'a/b', 'none'],
    ['setAuthority', 'user@host', 'none'],
    ['setAuthority', 'a'.repeat(2000), 'none'],
    ['setAuthority', '[::1]:80', undefined],
    ['setAuthority', 'host:8080', undefined],
    ['setPathWithQuery', 'a', 'none'],
    ['setPathWithQuery', '/a#b', 'none'],
    ['setPathWithQuery', '/a\nb', 'none'],
    ['setPathWithQuery', `/${'a'.repeat(9000)}`, 'none'],
    ['setPathWithQuery', '/a?b=/?', undefined],
    ['setPathWithQuery', '', undefined],
    ['setPathWithQuery', undefined, undefined],
  ] as const)('%s(%j)', (setter, value, error) => {
    const request = new http.OutgoingRequest(new http.Fields());
    expect(errorOf(() => request[setter](value as never))).toBe(error);
  });

  it('names a method by its case, however it was set', () => {
    const request = new http.OutgoingRequest(new http.Fields());
    expect(request.method()).toEqual({ tag: 'get' });
    request.setMethod({ tag: 'other', val: 'DELETE' });
    expect(request.method()).toEqual({ tag: 'delete' });
    request.setScheme({ tag: 'other', val: 'HTTPS' });
    expect(request.scheme()).toEqual({ tag: 'HTTPS' });
  });

  it('has one body, which has one stream, which must be closed before the end', () => {
    const request = new http.OutgoingRequest(http.Fields.fromList([['Content-Length', bytes('65537')]]));
    const body = request.body();
    expect(errorOf(() => request.body())).toBe('none');
    const stream = body.write();
    expect(errorOf(() => body.write())).toBe('none');
    stream.write(new Uint8Array(65_536));
    // Nobody reads it before it is sent.
    expect(stream.checkWrite()).toBe(0n);
    request.target.handBodyOver()?.input.readInto(new Uint8Array(10), 0, 10);
    stream.write(new Uint8Array(1));
    expect(() => http.OutgoingBody.finish(body, undefined)).toThrow('while its stream is open');
    stream[Symbol.dispose]();
    expect(errorOf(() => http.OutgoingBody.finish(body, undefined))).toBeUndefined();
    expect(() => body.target).toThrow(GuestTrap);
  });
});
