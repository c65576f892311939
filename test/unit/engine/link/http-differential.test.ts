import { beforeAll, expect, test } from 'vitest';
import { worldGuest } from '../../../guests/index.ts';
import type { TestHostOptions } from '../../../support/host.ts';
import { TestClient } from '../../virtual/http/client.ts';
import type { ComponentLinker } from '../../../../src/engine/link/component-linker.ts';
import { type Ending, linkerOf, runWith } from './components.ts';

let linker: ComponentLinker;

beforeAll(async () => {
  linker = await linkerOf(await worldGuest('http'));
});

/** Each run has a network of its own, where `api.test` sends back what it gets. */
function options(line: string): TestHostOptions {
  const rule = {
    id: 'api',
    methods: ['GET', 'POST'],
    url: 'https://api.test/**',
    budget: { responseBytes: 100 },
  };
  const client = new TestClient([rule]);
  client.network.serve('api.test', async (request) => {
    return new Response(await request.text(), { headers: { 'x-method': request.method } });
  });
  return { egress: client.egress, args: ['program', ...line.split(' ')], clocks: 'virtual' };
}

const POST = 'request POST https://api.test/ + body + send';

test.each([
  [
    'header X-A 1 + header host x + header a:b c + request GET https://api.test/a?b + own + send + wait + read + trailers',
    'header=forbidden',
  ],
  [`${POST} + write one + write two + finish + wait + read + drop`, 'read=onetwo'],
  [`${POST} + flood 200 + finish + wait + count + drop`, 'end=HTTP-response-body-size'],
  [`${POST} + write half + abort + wait`, 'wait=HTTP-protocol-error'],
  [
    'header content-length 3 + request POST https://api.test/ + body + write 1234 + finish + send + wait',
    'write=HTTP-request-body-size',
  ],
  ['request PROPFIND https://api.test/ + send', 'send=HTTP-request-denied'],
  ['request GET ftp://api.test/ + send', 'send=HTTP-protocol-error'],
  [
    'timeout connect 5000000000 + timeout first 1 + timeout between 18446744073709551615 + request GET https://none.test/ + send',
    'send=HTTP-request-denied',
  ],
])('%s: by the plan as through the glue', async (line, expected) => {
  expect(linker.observation.obstacle).toBeUndefined();
  const planned: Ending = await runWith(linker, options(line));
  expect(planned.stdout.split('\n')).toContain(expected);
  expect(planned).toMatchObject({ end: 'result 0', stderr: '' });
  expect(planned.handles[1]).toBe(0);
  expect(await runWith(linker.glueLinker, options(line))).toEqual(planned);
});
