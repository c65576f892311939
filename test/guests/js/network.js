// Asks for the network in every way that a JavaScript guest of WASI 0.2 has: one `name=answer` a line.
//
// Arguments after the program's name: the attempts to make, in order, by their names in `ATTEMPTS`.
import { getArguments } from 'wasi:cli/environment@0.2.12';
import { getStdout } from 'wasi:cli/stdout@0.2.12';
import { handle } from 'wasi:http/outgoing-handler@0.2.12';
import {
  Fields,
  OutgoingBody,
  OutgoingRequest,
  OutgoingResponse,
  RequestOptions,
} from 'wasi:http/types@0.2.12';
import { instanceNetwork } from 'wasi:sockets/instance-network@0.2.12';
import { resolveAddresses } from 'wasi:sockets/ip-name-lookup@0.2.12';
import { createTcpSocket } from 'wasi:sockets/tcp-create-socket@0.2.12';
import { createUdpSocket } from 'wasi:sockets/udp-create-socket@0.2.12';

// No TextEncoder here; the texts are ASCII.
const bytes = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const text = (value) => String.fromCharCode(...value);

function answer(work) {
  try {
    return work() ?? 'ok';
  } catch (error) {
    const { payload } = error;
    return `error:${payload?.tag ?? payload ?? ('payload' in error ? 'none' : error)}`;
  }
}

function makeRequest(headers = new Fields()) {
  const request = new OutgoingRequest(headers);
  request.setMethod({ tag: 'post' });
  request.setScheme({ tag: 'HTTPS' });
  request.setAuthority('api.example.com');
  request.setPathWithQuery('/v1/items?key=secret');
  return request;
}

/** Attempts that answer several things give several lines. */
const ATTEMPTS = {
  tcp: () => answer(() => createTcpSocket('ipv4')),
  udp: () => answer(() => createUdpSocket('ipv6')),
  dns: () => answer(() => resolveAddresses(instanceNetwork(), 'db.internal')),
  http: () => answer(() => handle(makeRequest(), undefined)),
  options: () => {
    const options = new RequestOptions();
    options.setConnectTimeout(5_000_000);
    const told = `${options.connectTimeout()},${options.firstByteTimeout() ?? 'none'}`;
    return `${told},${answer(() => handle(makeRequest(), options))}`;
  },
  body: () => {
    const request = makeRequest(Fields.fromList([['content-length', bytes('3')]]));
    const body = request.body();
    const again = answer(() => request.body());
    return `${again},${answer(() => OutgoingBody.finish(body, undefined))},${answer(() => handle(request, undefined))}`;
  },
  request: () => {
    const request = makeRequest();
    const { tag } = request.method();
    return [tag, request.scheme().tag, request.authority(), request.pathWithQuery()].join(' ');
  },
  'bad-request': () => {
    const request = makeRequest();
    return [
      answer(() => request.setMethod({ tag: 'other', val: 'GET /' })),
      answer(() => request.setScheme({ tag: 'other', val: 'a b' })),
      answer(() => request.setAuthority('user:password@host')),
      answer(() => request.setPathWithQuery('/a b')),
      request.authority(),
    ].join(' ');
  },
  fields: () => {
    const fields = Fields.fromList([
      ['Accept', bytes('a')],
      ['X-One', bytes('1')],
    ]);
    fields.append('accept', bytes('b'));
    const copy = fields.clone();
    copy.set('X-One', [bytes('2'), bytes('3')]);
    copy.delete('ACCEPT');
    const show = (each) => each.entries().map(([name, value]) => `${name}:${text(value)}`);
    return [...show(fields), fields.has('x-one'), fields.get('x-none').length, ...show(copy)].join(' ');
  },
  'bad-fields': () => {
    const fields = new Fields();
    const { headers } = { headers: makeRequest().headers() };
    return [
      answer(() => fields.append('a b', bytes('1'))),
      answer(() => fields.set('a', [bytes('1\r\nb: 2')])),
      answer(() => Fields.fromList([['Transfer-Encoding', bytes('chunked')]])),
      answer(() => headers.append('a', bytes('1'))),
      answer(() => headers.clone().append('a', bytes('1'))),
    ].join(' ');
  },
  'large-fields': () => {
    const fields = new Fields();
    for (let i = 0; ; i++) fields.append(`name-${i}`, new Uint8Array(1000).fill(0x61));
  },
  'overlapping-list': () => {
    const value = new Uint8Array(100_000).fill(0x61);
    return answer(() =>
      new Fields().set(
        'a',
        Array.from({ length: 1000 }, () => value),
      ),
    );
  },
  'many-handles': () => {
    const kept = [];
    for (;;) kept.push(instanceNetwork());
  },
  response: () => answer(() => new OutgoingResponse(new Fields()).statusCode()),
};

export const run = {
  run() {
    const out = getStdout();
    for (const name of getArguments().slice(1)) {
      out.blockingWriteAndFlush(bytes(`${name}=${ATTEMPTS[name]()}\n`));
    }
  },
};
