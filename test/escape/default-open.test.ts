import { describe, expect, it } from 'vitest';
import type { InstantiateOptions } from '../../src/index.ts';
import { buildGuest, engine, runGuest, WASI_VERSIONS } from '../support/guest-run.ts';
import { codes } from './attack.ts';

describe.each(WASI_VERSIONS)('default-open (WASI %s)', (_version, kind) => {
  it('there is no instance without a policy', async () => {
    const program = await engine.compile(await buildGuest('nothing', kind));
    for (const options of [{}, { policy: undefined }, { policy: null }, { policy: {} }, { policy: '' }]) {
      await expect(program.instantiate(options as unknown as InstantiateOptions)).rejects.toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^BW_/) }),
      );
    }
  });

  it('a policy that grants nothing opens no directory: every path call meets a closed descriptor', async () => {
    const run = await runGuest('paths', kind, { line: 'all etc/passwd' });
    expect(codes(run).size).toBeGreaterThan(20);
    expect(new Set(codes(run).values())).toEqual(new Set(['EBADF']));
  });

  it('bindings alone grant nothing', async () => {
    const run = await runGuest('nothing', kind, {
      policy: { version: 1 },
      bindings: {
        directories: { root: '/' },
        environment: { HOME: '/root' },
        hostPaths: { relativeTo: '/' },
      },
      args: ['argument'],
    });
    expect(run.exitCode).toBe(0);
  });
});
