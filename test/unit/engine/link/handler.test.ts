import { describe, expect, test } from 'vitest';
import type { LinkPlan } from '../../../../src/engine/link/plan.ts';
import { shorten } from '../../../../src/engine/link/shorten.ts';
import type { LinkedComponent, LinkOptions } from '../../../../src/engine/link/linked-component.ts';
import { plainExecutor } from '../../../../src/virtual/executor.ts';
import { ResponseOutparam } from '../../../../src/virtual/http/response-outparam.ts';
import { Pipe } from '../../../../src/virtual/io/pipe.ts';
import { httpGuest, watComponent } from '../../../guests/index.ts';
import { testHost } from '../../../support/host.ts';
import { linkerOf, memoryLinkerOf } from './components.ts';

interface Linker {
  link(options: LinkOptions): LinkedComponent;
}

/** @returns what a request comes to, in texts */
async function ask(linker: Linker, path: string, body = ''): Promise<readonly string[]> {
  const { host } = testHost({ clocks: 'virtual', at: 0n });
  const linked = linker.link({ host, executor: plainExecutor });
  const pipe = new Pipe();
  pipe.push(Buffer.from(body));
  pipe.end();
  const out = new ResponseOutparam();
  const headers = [{ name: 'X-One', value: Buffer.from('1') }];
  const request = { method: 'POST', scheme: 'https', authority: 'a.example', pathWithQuery: path, headers };
  const source = { stream: pipe.input, trailers: Promise.resolve(undefined) };
  const end = await linked.handle?.({ ...request, body: source }, out).then(
    () => 'returned',
    (error: unknown) => (error instanceof Error ? `threw ${error.name}` : 'threw'),
  );
  out.endCall();
  const answer = await out.response;
  linked.dispose();
  if ('tag' in answer) return [`${end}`, JSON.stringify(answer)];
  const buffer = new Uint8Array(65_536);
  const count = answer.body.stream.readInto(buffer, 0, buffer.length);
  const fields = answer.headers.map(({ name, value }) => `${name}: ${Buffer.from(value).toString()}`);
  return [
    `${end}`,
    `${answer.status}`,
    ...fields,
    Buffer.from(buffer.subarray(0, Math.max(0, count))).toString(),
  ];
}

describe('a request handler answers the same by a plan and through the glue', () => {
  test.each<[path: string, body?: string]>([
    ['/hello'],
    ['/describe/x?y=1'],
    ['/headers'],
    ['/forbidden'],
    ['/status/404'],
    ['/echo', 'some bytes'],
    ['/drain', 'x'.repeat(1000)],
    ['/sleep/10'],
    ['/trap'],
    ['/trap-later'],
    ['/silent'],
    ['/forget'],
    ['/refuse'],
    ['/unfinished'],
  ])('%s', async (path, body) => {
    const component = await httpGuest('server');
    const linker = await linkerOf(component);
    expect(linker.observation.obstacle).toBeUndefined();
    const planned = await ask(linker, path, body);
    expect(planned.length).toBeGreaterThan(1);
    expect(await ask(linker.glueLinker, path, body)).toEqual(planned);
    expect(await ask(await memoryLinkerOf(component), path, body)).toEqual(planned);
  });
});

test('without an adapter, one instance of three stays', async () => {
  const { linker, modules } = await memoryLinkerOf(await httpGuest('server'));
  const plan = linker.observation.plan as LinkPlan;
  expect(plan.instances).toHaveLength(3);
  const short = shorten(plan, modules);
  expect(short.instances).toHaveLength(1);
  expect(short.handle).toEqual([0, 'wasi:http/incoming-handler@0.2.12#handle']);
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
});

test('what exports more than a handler is linked by the glue', async () => {
  const world = `package a:b;
    world both { export wasi:http/incoming-handler@0.2.12; export extra: func(); }`;
  const component = await watComponent(
    `(module (memory (export "memory") 1)
      (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
      (func (export "wasi:http/incoming-handler@0.2.12#handle") (param i32 i32))
      (func (export "extra")))`,
    world,
  );
  const linker = await linkerOf(component);
  expect(linker.observation.plan).toBeUndefined();
  expect(linker.observation.obstacle).toBe('it exports extra');
  expect(await ask(linker, '/')).toEqual([
    'returned',
    JSON.stringify({ tag: 'internal-error', val: 'the program gave no response' }),
  ]);
});
