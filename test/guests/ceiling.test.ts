/** The bound on the instances of an engine, and its count of them however they end. */
import { describe, expect, test } from 'vitest';
import { Engine, type Program } from '../../src/index.ts';
import { buildGuest, WASI_VERSIONS } from '../support/guest-run.ts';
import { watGuest } from './index.ts';

const policy = { version: 1, arguments: true, stdio: { stdout: true } } as const;
const args = ['arguments'];

describe.each(WASI_VERSIONS)('in WASI %s', (_, kind) => {
  const compile = async (engine: Engine): Promise<Program> =>
    engine.compile(await buildGuest('process', kind));

  test('a start beyond waits until an instance ends, in whatever way', async () => {
    const engine = new Engine({ cache: false, instances: { maxInstances: 2 } });
    const program = await compile(engine);
    const ran = await program.instantiate({ policy, args });
    const closed = await program.instantiate({ policy, args });
    const waiting = program.instantiate({ policy, args });
    const next = program.instantiate({ policy, args });
    expect((await ran.run()).outcome).toEqual({ kind: 'exit', code: 0 });
    expect((await (await waiting).run()).exitCode).toBe(0);
    await closed.close();
    await (await next).close();
  });

  test('one that comes to nothing leaves its place', async () => {
    const engine = new Engine({ cache: false, instances: { maxInstances: 1, maxWait: 0 } });
    const program = await compile(engine);
    for (const broken of [{ version: 2 }, { ...policy, filesystem: [{ id: 'x', mount: '/x', host: 'x' }] }])
      await expect(program.instantiate({ policy: broken })).rejects.toThrow();
    await expect(
      program.instantiate({ policy: { ...policy, limits: { memory: '64KiB' } } }),
    ).rejects.toMatchObject({ code: 'BW_LIMIT_MEMORY' });
    await using instance = await program.instantiate({ policy, args });
    await expect(program.instantiate({ policy, args })).rejects.toMatchObject({ code: 'BW_ENGINE_BUSY' });
    expect((await instance.run()).exitCode).toBe(0);
  });
});

test('memories are what is counted', async () => {
  const engine = new Engine({ cache: false, instances: { maxInstances: 3, maxWait: 0 } });
  const two = await engine.compile(await watGuest('(module (memory 1) (memory 1))'));
  await using first = await two.instantiate({ policy });
  await expect(two.instantiate({ policy })).rejects.toMatchObject({ code: 'BW_ENGINE_BUSY' });
  const none = await engine.compile(await watGuest('(module)'));
  await (await none.instantiate({ policy })).close();
  await first.close();
  await (await two.instantiate({ policy })).close();
});
