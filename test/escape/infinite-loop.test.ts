// Case infinite-loop: code of the guest that we enter from several places and that never returns. The deadline ends it,
// the host and a sibling go on.
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { describe, expect, test } from 'vitest';
import { AuditLog, Engine, type Instance, MemorySink, type Program } from '../../src/index.ts';
import { asyncComponent } from './async-component.ts';

const DEADLINE_MS = 150;
const LOOP = '(loop $forever (br $forever))';
const policy = { version: 1, limits: { deadline: `${DEADLINE_MS}ms` } };
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

async function expectEnded(job: Promise<unknown>, started: number): Promise<void> {
  await expect(job).rejects.toBeDefined();
  expect(performance.now() - started).toBeLessThan(DEADLINE_MS * 10);
  const closed = sink.records.at(-1);
  expect(closed).toMatchObject({
    kind: 'instance-closed',
    outcome: { kind: 'limit', limit: 'limits.deadline' },
  });
  const sibling = await (await compile('(module (func (export "_start")))')).instantiate({ policy });
  expect((await sibling.run()).exitCode).toBe(0);
}

describe('infinite-loop', () => {
  test.each(Object.keys(CALLS))('in %s', async (name) => {
    const [wat, enter] = CALLS[name] as (typeof CALLS)[string];
    const instance = await (await compile(wat)).instantiate({ policy, imports });
    await expectEnded(enter(instance), performance.now());
    expect(instance.outcome).toMatchObject({ kind: 'limit' });
  });

  test.each(Object.keys(STARTS))('in %s', async (name) => {
    const program = await compile(STARTS[name] as string);
    await expectEnded(program.instantiate({ policy, imports }), performance.now());
  });
});
