// Case re-entrance: a guest that calls the host where it must not, and a host that calls a guest which is in a call already.
import { describe, expect, test } from 'vitest';
import { AuditLog, Engine, type Instance, MemorySink } from '../../src/index.ts';
import { watGuest } from '../guests/index.ts';
import { type AsyncBodies, asyncComponent } from './async-component.ts';

const engine = new Engine({ cache: false, audit: new AuditLog([new MemorySink()]) });

async function open(
  bodies: AsyncBodies,
  again: () => unknown = () => undefined,
  limits: object = {},
): Promise<Instance> {
  const program = await engine.compile(await watGuest(asyncComponent(bodies)));
  const imports = { 'test:host/calls': { again } };
  return program.instantiate({ policy: { version: 1, limits }, imports });
}

const render = (instance: Instance): Promise<unknown> => instance.call('render', 'text');

describe('re-entrance', () => {
  test('the component as it is meant answers, each time', async () => {
    await using instance = await open({});
    expect(await render(instance)).toBe('');
    expect(await render(instance)).toBe('');
  });

  test.each([
    ['makes a stream', '(drop (call $new))'],
    ['yields', '(drop (call $yield))'],
    ['calls the embedder', '(call $again)'],
    ['ends the task', '(call $return (i32.const 0) (i32.const 0))'],
  ])('a realloc that %s is a trap', async (_what, realloc) => {
    await using instance = await open({ realloc });
    await expect(render(instance)).rejects.toMatchObject({ code: 'BW_INSTANCE_TRAPPED' });
    expect(instance.outcome).toMatchObject({ kind: 'trap' });
    await using sibling = await open({});
    expect(await render(sibling)).toBe('');
  });

  const callsBack = {
    entry: '(call $again) (call $return (i32.const 0) (i32.const 0)) (i32.const 0)',
  };

  test('an embedder that calls the guest from inside of a call is refused', async () => {
    const refusals: Promise<unknown>[] = [];
    const instance: Instance = await open(callsBack, () => {
      refusals.push(render(instance).catch((error: unknown) => error));
    });
    expect(await render(instance)).toBe('');
    expect(await Promise.all(refusals)).toEqual([expect.objectContaining({ code: 'BW_INSTANCE_BUSY' })]);
    expect(await render(instance)).toBe('');
    await instance.close();
  });

  test('one that lets the guest wait for that ends it by its own error', async () => {
    const instance: Instance = await open(callsBack, () => render(instance));
    await expect(render(instance)).rejects.toMatchObject({ code: expect.stringMatching(/^BW_/) });
    expect(instance.outcome).toMatchObject({ kind: 'host-error', error: { code: 'BW_INSTANCE_BUSY' } });
    await using sibling = await open({});
    expect(await render(sibling)).toBe('');
  });

  test('a guest that the embedder never answers waits until the deadline', async () => {
    const silence = (): Promise<never> => new Promise(() => undefined);
    const instance = await open(callsBack, silence, { deadline: '300ms' });
    await expect(render(instance)).rejects.toMatchObject({ code: expect.stringMatching(/^BW_/) });
    expect(instance.outcome).toMatchObject({ kind: 'limit', limit: 'limits.deadline' });
  });
});
