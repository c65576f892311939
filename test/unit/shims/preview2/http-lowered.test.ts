import { beforeEach, describe, expect, it } from 'vitest';
import { HttpBudget } from '../../../../src/virtual/http/budget.ts';
import { Fields } from '../../../../src/virtual/http/fields.ts';
import type { HttpError } from '../../../../src/virtual/http/http-error.ts';
import { type IncomingRequest, makeIncomingRequest } from '../../../../src/virtual/http/incoming-request.ts';
import { emptyBody, ResponseOutparam } from '../../../../src/virtual/http/response-outparam.ts';
import { GuestTrap } from '../../../../src/virtual/host.ts';
import { type TestHost, testHost } from '../../../support/host.ts';
import { Caller } from './caller.ts';

const TYPES = 'wasi:http/types#';

let test: TestHost;
let caller: Caller;
let result: number;

beforeEach(() => {
  test = testHost();
  caller = new Caller(test.host);
  result = caller.allocate(64, 8);
});

function call(name: string, ...args: readonly (number | bigint)[]): number {
  return caller.call(`${TYPES}${name}`, ...args) as number;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Makes a guest's handle of a request, as the engine does. */
function receive(
  method = 'GET',
  pathWithQuery = '/a?b',
): { request: number; out: ResponseOutparam; outparam: number } {
  const { resources, host, httpBudget } = caller.context;
  const headers = [
    { name: 'Accept', value: bytes('*/*') },
    { name: 'X-É', value: bytes('é') },
  ];
  const parts = {
    method,
    scheme: 'http',
    authority: 'localhost:80',
    pathWithQuery,
    headers,
    body: emptyBody(),
  };
  const out = new ResponseOutparam({ method });
  host.meter.openHandle();
  host.meter.openHandle();
  return {
    out,
    request: resources['incoming-request'].add(makeIncomingRequest(parts, httpBudget) as IncomingRequest),
    outparam: resources['response-outparam'].add(out),
  };
}

describe('an incoming request', () => {
  it.each([
    ['GET', 0, ''],
    ['PATCH', 8, ''],
    ['PROPFIND', 9, 'PROPFIND'],
  ])('tells its method: %s', (method, ordinal, other) => {
    const { request } = receive(method);
    call('[method]incoming-request.method', request, result);
    expect([caller.u8(result), caller.text(result + 4)]).toEqual([ordinal, other]);
  });

  it('tells its parts, and its body once', () => {
    const { request } = receive();
    call('[method]incoming-request.path-with-query', request, result);
    expect([caller.u8(result), caller.text(result + 4)]).toEqual([1, '/a?b']);
    call('[method]incoming-request.authority', request, result);
    expect([caller.u8(result), caller.text(result + 4)]).toEqual([1, 'localhost:80']);
    call('[method]incoming-request.scheme', request, result);
    expect([caller.u8(result), caller.u8(result + 4)]).toEqual([1, 0]);
    call('[method]incoming-request.consume', request, result);
    expect(caller.u8(result)).toBe(0);
    call('[method]incoming-request.consume', request, result);
    expect(caller.u8(result)).toBe(1);
  });

  it('gives its fields, which are UTF-8 for a guest whatever they are', () => {
    const headers = call('[method]incoming-request.headers', receive().request);
    call('[method]fields.entries', headers, result);
    const list = caller.u32(result);
    expect(caller.u32(result + 4)).toBe(2);
    expect([0, 8, 16, 24].map((at) => caller.text(list + at))).toEqual(['accept', '*/*', 'x-é', 'é']);
    call('[method]fields.get', headers, ...caller.string('ACCEPT'), result);
    expect([caller.u32(result + 4), caller.text(caller.u32(result))]).toEqual([1, '*/*']);
    expect(call('[method]fields.has', headers, ...caller.string('x-none'))).toBe(0);
    call('[method]fields.append', headers, ...caller.string('a'), ...caller.string('b'), result);
    expect([caller.u8(result), caller.u8(result + 1)]).toEqual([1, 2]);
  });
});

describe('a response', () => {
  it('is answered with its body, and all handles come back', async () => {
    const { meter } = test.host;
    const before = meter.handles;
    const { request, out, outparam } = receive();
    const fields = call('[constructor]fields');
    call(
      '[method]fields.append',
      fields,
      ...caller.string('Content-Type'),
      ...caller.string('text/plain'),
      result,
    );
    const response = call('[constructor]outgoing-response', fields);
    expect(() => call('[method]fields.has', fields, 0, 0)).toThrow(GuestTrap);
    expect(call('[method]outgoing-response.set-status-code', response, 42)).toBe(1);
    expect(call('[method]outgoing-response.set-status-code', response, 201)).toBe(0);
    expect(call('[method]outgoing-response.status-code', response)).toBe(201);
    call('[method]outgoing-response.body', response, result);
    const body = caller.u32(result + 4);
    call('[static]response-outparam.set', outparam, 0, response, 0, 0n, 0, 0, 0, 0);
    expect(() => call('[method]outgoing-response.status-code', response)).toThrow(GuestTrap);
    call('[method]outgoing-body.write', body, result);
    const stream = caller.u32(result + 4);
    caller.call('wasi:io/streams#[method]output-stream.write', stream, ...caller.string('hello'), result);
    expect(() => call('[static]outgoing-body.finish', body, 0, 0, result)).toThrow(
      'while its stream is open',
    );
    caller.context.drop('output-stream', stream);
    call('[static]outgoing-body.finish', body, 0, 0, result);
    expect(caller.u8(result)).toBe(0);
    caller.context.drop('incoming-request', request);
    expect(meter.handles).toBe(before);
    const served = await out.response;
    if ('tag' in served) throw new Error(served.tag);
    const read = Buffer.alloc(10);
    expect([served.status, served.body.stream.readInto(read, 0, 10), read.toString('latin1', 0, 5)]).toEqual([
      201,
      5,
      'hello',
    ]);
  });

  it('that is too short is an error, with what was written', () => {
    const fields = call('[constructor]fields');
    call('[method]fields.append', fields, ...caller.string('content-length'), ...caller.string('5'), result);
    const response = call('[constructor]outgoing-response', fields);
    call('[method]outgoing-response.body', response, result);
    call('[static]outgoing-body.finish', caller.u32(result + 4), 0, 0, result);
    // result<_, error-code>: HTTP-response-body-size(some(0)).
    expect([
      caller.u8(result),
      caller.u8(result + 8),
      caller.u8(result + 16),
      caller.u64(result + 24),
    ]).toEqual([1, 28, 1, 0n]);
  });

  it('is an error where the guest is gone before it', async () => {
    const { out } = receive();
    caller.context.end(new GuestTrap('gone'));
    expect(await out.response).toMatchObject({ tag: 'internal-error' });
  });

  it('cannot be set twice, nor with a case that is none', () => {
    const { outparam } = receive();
    expect(() => call('[static]response-outparam.set', outparam, 2, 0, 0, 0n, 0, 0, 0, 0)).toThrow(GuestTrap);
    expect(() => call('[static]response-outparam.set', outparam, 1, 39, 0, 0n, 0, 0, 0, 0)).toThrow(
      GuestTrap,
    );
    call('[static]response-outparam.set', outparam, 1, 36, 0, 0n, 0, 0, 0, 0);
    expect(() => call('[static]response-outparam.set', outparam, 1, 36, 0, 0n, 0, 0, 0, 0)).toThrow(
      GuestTrap,
    );
  });
});

/** Cases of `error-code`: their number, and what they are passed as (text: its pointer and length go there). */
const ERRORS: readonly (readonly [HttpError, number, readonly (number | bigint | 'pointer' | 'length')[]])[] =
  [
    [{ tag: 'DNS-timeout' }, 0, [0, 0n, 0, 0, 0, 0]],
    [
      { tag: 'DNS-error', val: { rcode: 'text', infoCode: 65_535 } },
      1,
      [1, 'pointer', 'length', 1, 65_535, 0],
    ],
    [
      { tag: 'TLS-alert-received', val: { alertId: 40, alertMessage: 'text' } },
      14,
      [1, 40n, 1, 'pointer', 'length', 0],
    ],
    [{ tag: 'HTTP-request-body-size', val: 2n ** 64n - 1n }, 17, [1, -1n, 0, 0, 0, 0]],
    [{ tag: 'HTTP-request-header-section-size', val: 4_294_967_295 }, 21, [1, -1n, 0, 0, 0, 0]],
    [
      { tag: 'HTTP-request-header-size', val: { fieldName: 'text', fieldSize: 7 } },
      22,
      [1, 1n, 'pointer', 'length', 1, 7],
    ],
    [{ tag: 'HTTP-request-header-size', val: undefined }, 22, [0, 0n, 0, 0, 0, 0]],
    [
      { tag: 'HTTP-response-trailer-size', val: { fieldName: 'text', fieldSize: 7 } },
      30,
      [1, 'pointer', 'length', 1, 7, 0],
    ],
    [{ tag: 'HTTP-response-content-coding', val: 'text' }, 32, [1, 'pointer', 'length', 0, 0, 0]],
    [{ tag: 'internal-error', val: undefined }, 38, [0, 0n, 0, 0, 0, 0]],
  ];

describe('error-code', () => {
  it.each(ERRORS)('comes out of a guest: %o', async (error, ordinal, flat) => {
    const { out, outparam } = receive();
    const [pointer, length] = caller.string('text');
    const words = flat.map((word, i) => {
      const value = word === 'pointer' ? pointer : word === 'length' ? length : word;
      return i === 1 ? BigInt(value) : value;
    });
    call('[static]response-outparam.set', outparam, 1, ordinal, ...words);
    expect(await out.response).toEqual(error);
  });

  /** Offsets from the error's own start, after the Canonical ABI: numbers of so many bytes, or the pointer of a text. */
  it.each<
    readonly [
      HttpError,
      readonly (readonly [at: number, size: 1 | 2 | 4 | 8 | 'text', value: number | bigint | string])[],
    ]
  >([
    [
      { tag: 'DNS-error', val: { rcode: 'é', infoCode: 513 } },
      [
        [0, 1, 1],
        [8, 1, 1],
        [12, 'text', 'é'],
        [20, 1, 1],
        [22, 2, 513],
      ],
    ],
    [
      { tag: 'TLS-alert-received', val: { alertId: 40, alertMessage: 'm' } },
      [
        [0, 1, 14],
        [8, 1, 1],
        [9, 1, 40],
        [12, 1, 1],
        [16, 'text', 'm'],
      ],
    ],
    [
      { tag: 'HTTP-response-body-size', val: 2n ** 63n },
      [
        [0, 1, 28],
        [8, 1, 1],
        [16, 8, 2n ** 63n],
      ],
    ],
    [
      { tag: 'HTTP-response-header-section-size', val: 5 },
      [
        [0, 1, 26],
        [8, 1, 1],
        [12, 4, 5],
      ],
    ],
    [
      { tag: 'HTTP-request-header-size', val: { fieldName: 'n', fieldSize: 9 } },
      [
        [0, 1, 22],
        [8, 1, 1],
        [12, 1, 1],
        [16, 'text', 'n'],
        [24, 1, 1],
        [28, 4, 9],
      ],
    ],
    [
      { tag: 'HTTP-request-trailer-size', val: { fieldName: 'n', fieldSize: 9 } },
      [
        [0, 1, 24],
        [8, 1, 1],
        [12, 'text', 'n'],
        [20, 1, 1],
        [24, 4, 9],
      ],
    ],
    [
      { tag: 'internal-error', val: 'why' },
      [
        [0, 1, 38],
        [8, 1, 1],
        [12, 'text', 'why'],
      ],
    ],
    [
      { tag: 'internal-error', val: undefined },
      [
        [0, 1, 38],
        [8, 1, 0],
      ],
    ],
    [{ tag: 'configuration-error' }, [[0, 1, 37]]],
  ])('goes into a guest: %o', (error, expected) => {
    const { resources } = caller.context;
    const future = resources['future-incoming-response'].add({
      get: () => error,
      ready: () => true,
      wait: () => undefined,
      close: () => undefined,
    });
    call('[method]future-incoming-response.get', future, result);
    // option, result, result: some(ok(err(…)))
    expect([0, 8, 16].map((at) => caller.u8(result + at))).toEqual([1, 0, 1]);
    const start = result + 24;
    for (const [at, size, value] of expected) {
      const found =
        size === 'text'
          ? caller.text(start + at)
          : size === 8
            ? caller.u64(start + at)
            : size === 4
              ? caller.u32(start + at)
              : size === 2
                ? caller.view.getUint16(start + at, true)
                : caller.u8(start + at);
      expect(found, `at ${at}`).toBe(value);
    }
  });
});

describe('an outgoing request', () => {
  it('is built like the plain one', () => {
    const request = call('[constructor]outgoing-request', call('[constructor]fields'));
    expect(call('[method]outgoing-request.set-method', request, 2, 0, 0)).toBe(0);
    expect(call('[method]outgoing-request.set-method', request, 9, ...caller.string('a b'))).toBe(1);
    expect(call('[method]outgoing-request.set-scheme', request, 1, 2, ...caller.string('HTTPS'))).toBe(0);
    expect(call('[method]outgoing-request.set-authority', request, 1, ...caller.string('user@host'))).toBe(1);
    expect(call('[method]outgoing-request.set-authority', request, 1, ...caller.string('api.test:1'))).toBe(
      0,
    );
    expect(call('[method]outgoing-request.set-path-with-query', request, 1, ...caller.string('/a?b'))).toBe(
      0,
    );
    expect(() => call('[method]outgoing-request.set-method', request, 10, 0, 0)).toThrow(GuestTrap);
    const { method, scheme, authority, pathWithQuery } =
      caller.context.resources['outgoing-request'].get(request);
    expect([method, scheme, authority, pathWithQuery]).toEqual(['POST', 'https', 'api.test:1', '/a?b']);
    call('[method]outgoing-request.scheme', request, result);
    expect([caller.u8(result), caller.u8(result + 4)]).toEqual([1, 1]);
    expect(call('[method]outgoing-request.set-authority', request, 0, 0, 0)).toBe(0);
    call('[method]outgoing-request.authority', request, result);
    expect(caller.u8(result)).toBe(0);
  });

  it('takes its headers and options over, and gives an error as a result', () => {
    const { meter } = test.host;
    const before = meter.handles;
    const request = call('[constructor]outgoing-request', call('[constructor]fields'));
    const options = call('[constructor]request-options');
    expect(call('[method]request-options.set-connect-timeout', options, 1, -1n)).toBe(0);
    call('[method]request-options.connect-timeout', options, result);
    expect([caller.u8(result), caller.u64(result + 8)]).toEqual([1, 2n ** 64n - 1n]);
    caller.call('wasi:http/outgoing-handler#handle', request, 1, options, result);
    // err(HTTP-request-denied)
    expect([caller.u8(result), caller.u8(result + 8)]).toEqual([1, 15]);
    expect(meter.handles).toBe(before);
    expect(() => call('[method]outgoing-request.method', request, result)).toThrow(GuestTrap);
  });
});

it('trailers of a body come as an option in results', () => {
  const { resources } = caller.context;
  const fields = new Fields(new HttpBudget());
  for (const [answer, expected] of [
    [undefined, [0]],
    ['taken', [1, 1]],
    ['none', [1, 0, 0, 0]],
    [fields, [1, 0, 0, 1]],
  ] as const) {
    const future = { get: () => answer, ready: () => true, wait: () => undefined, close: () => undefined };
    const handle = resources['future-trailers'].add(future as never);
    call('[method]future-trailers.get', handle, result);
    expect(expected.map((_, i) => caller.u8(result + i * 8))).toEqual(expected);
  }
  expect(resources.fields.get(caller.u32(result + 28))).toBe(fields);
});
