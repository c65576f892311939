// Case infinite-loop: code of the guest that we enter from several places and that never returns. A limit ends it, the host and
// a sibling go on.
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { describe, expect, test } from 'vitest';
import { AuditLog, Engine, type Instance, MemorySink, type Program } from '../../src/index.ts';
import { asyncComponent } from './async-component.ts';

const DEADLINE_MS = 150;
const LOOP = '(loop $forever (br $forever))';

/** By what the policy bounds. The last two have the guest metered: others have their turn while it loops. */
const POLICIES: Readonly<Record<string, object>> = {
  'limits.deadline': { deadline: `${DEADLINE_MS}ms` },
  'limits.cpu': { cpu: '50ms' },
  'limits.fuel': { fuel: 200_000 },
};
const sink = new MemorySink();
const engine = new Engine({ cache: false, audit: new AuditLog([sink]) });

/** A component whose `render` takes and gives a string, with `realloc` and `post` as bodies of its two helpers. */
const component = (realloc: string, post: string): string => `(component
  (core module $m
    (memory (export "memory") 1)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) ${realloc} (i32.const 1024))
    (func (export "render") (param i32 i32) (result i32) (i32.const 0))
    (func (export "cabi_post_render") (param i32) ${post}))
  (core instance $i (instantiate $m))
  (func $render (param "text" string) (result string) (canon lift (core func $i "render")
    (memory (core memory $i "memory")) (realloc (core func $i "cabi_realloc")) (post-return (core func $i "cabi_post_render"))))
  (export "render" (func $render)))`;

const render = (instance: Instance): Promise<unknown> => instance.call('render', 'text');

const CALLS: Readonly<
  Record<string, readonly [wat: string, enter: (instance: Instance) => Promise<unknown>]>
> = {
  'a command': [
    `(module (func (export "_start") ${LOOP}))`,
    async (instance) => {
      const { outcome } = await instance.run();
      throw new Error(outcome.kind);
    },
  ],
  'an export': [`(module (func (export "f") ${LOOP}))`, (instance) => instance.call('f')],
  realloc: [component(LOOP, ''), render],
  'post-return': [component('', LOOP), render],
  'realloc, called for an async export': [asyncComponent({ realloc: LOOP }), render],
  'an async export': [asyncComponent({ entry: `${LOOP} (unreachable)` }), render],
  'a callback': [asyncComponent({ callback: `${LOOP} (unreachable)` }), render],
  'callbacks that only yield': [asyncComponent({ callback: '(i32.const 1)' }), render],
  'an async export that only yields': [
    asyncComponent({ entry: '(loop $forever (drop (call $yield)) (br $forever)) (unreachable)' }),
    render,
  ],
};

const STARTS: Readonly<Record<string, string>> = {
  'a start function': `(module (func $f ${LOOP}) (start $f))`,
  'a reactor that initialises': `(module (func (export "_initialize") ${LOOP}))`,
  'the start function of a component': `(component (core module $m (func $f ${LOOP}) (start $f)) (core instance (instantiate $m)))`,
  'the start function of an async component': asyncComponent({ start: LOOP }),
};

/** Of async components. */
const imports = { 'test:host/calls': { again: () => undefined } };

async function compile(wat: string): Promise<Program> {
  return engine.compile(await parse(wat));
}

/** @param limit that the policy bounds. Where the guest cannot give way, a slice is all that it has */
async function expectEnded(job: Promise<unknown>, limit: string, started: number): Promise<void> {
  await expect(job).rejects.toBeDefined();
  expect(performance.now() - started).toBeLessThan(DEADLINE_MS * 10);
  const closed = sink.records.at(-1);
  expect(closed).toMatchObject({ kind: 'instance-closed', outcome: { kind: 'limit' } });
  expect([limit, 'limits.slice']).toContain((closed as { outcome: { limit: string } }).outcome.limit);
  const sibling = await (
    await compile('(module (func (export "_start")))')
  ).instantiate({ policy: { version: 1 } });
  expect((await sibling.run()).exitCode).toBe(0);
}

describe.each(Object.keys(POLICIES))('infinite-loop under %s', (limit) => {
  const policy = { version: 1, limits: POLICIES[limit] };

  test.each(Object.keys(CALLS))('in %s', async (name) => {
    const [wat, enter] = CALLS[name] as (typeof CALLS)[string];
    const instance = await (await compile(wat)).instantiate({ policy, imports });
    await expectEnded(enter(instance), limit, performance.now());
    expect(instance.outcome).toMatchObject({ kind: 'limit' });
  });

  test.each(Object.keys(STARTS))('in %s', async (name) => {
    const program = await compile(STARTS[name] as string);
    await expectEnded(program.instantiate({ policy, imports }), limit, performance.now());
  });
});

test('the event loop goes on while a guest loops, and another guest of the same thread comes to its end', async () => {
  const program = await compile(`(module (func (export "_start") ${LOOP}))`);
  const loops = await program.instantiate({
    policy: { version: 1, limits: { cpu: '150ms' } },
    tenant: 'loops',
  });
  const ended = loops.run();
  let beats = 0;
  const timer = setInterval(() => beats++, 1);
  const worker = await compile(
    `(module (func (export "_start") (local i32)
      (loop $more (br_if $more (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 2000000))))))`,
  );
  const sibling = await worker.instantiate({
    policy: { version: 1, limits: { cpu: '1s' } },
    tenant: 'sibling',
  });
  expect((await sibling.run()).outcome).toEqual({ kind: 'exit', code: 0 });
  expect(loops.outcome).toBeUndefined();
  expect((await ended).outcome).toMatchObject({ kind: 'limit', limit: 'limits.cpu' });
  clearInterval(timer);
  expect(beats).toBeGreaterThan(5);
});
