import { describe, expect, it } from 'vitest';
import { openGuest, runGuest, WASI_VERSIONS } from '../support/guest-run.ts';

describe.each(WASI_VERSIONS)('WASI %s: secure randomness', (_version, kind) => {
  it('differs from run to run, and is on record once', async () => {
    const runs = await Promise.all(
      [1, 2].map(() => runGuest('random', kind, { grant: { random: 'secure' }, line: 'bytes 600' })),
    );
    const [first, second] = runs.map((run) => run.value('bytes'));
    expect(first).toMatch(/^[0-9a-f]{1200}$/);
    expect(first).not.toBe(second);
    for (const run of runs) {
      expect(run.of('grant-used').filter(({ grant }) => grant === 'random')).toHaveLength(1);
      expect(run.usage.randomBytes).toBeGreaterThanOrEqual(600);
      expect(run.of('instance-opened')[0]?.grants).toContainEqual({
        id: 'random',
        section: 'random',
        summary: { kind: 'secure' },
      });
    }
  });

  it('takes on every value', async () => {
    const run = await runGuest('random', kind, { grant: { random: 'secure' }, line: 'spread 65536' });
    expect(run.value('distinct')).toBe('256');
    // 256 on average; 2^-128 for more than 512.
    expect(Number(run.value('most'))).toBeLessThan(512);
  });
});

describe('seeded randomness', () => {
  const bytesOf = async (kind: 'module' | 'component', seed: string): Promise<string | undefined> =>
    (await runGuest('random', kind, { grant: { random: { seed } }, line: 'bytes 300' })).value('bytes');

  it('is the documented stream: ChaCha20 (RFC 8439) under the SHA-256 of the seed', async () => {
    const { createCipheriv, createHash } = await import('node:crypto');
    const key = createHash('sha256').update('bailiwick').digest();
    // OpenSSL's IV: the block counter, then the nonce.
    const stream = createCipheriv('chacha20', key, Buffer.alloc(16)).update(Buffer.alloc(300));
    expect(await bytesOf('module', 'bailiwick')).toBe(stream.toString('hex'));
  });

  it('gives the same bytes on 0.1 and 0.2', async () => {
    expect(await bytesOf('component', 'bailiwick')).toBe(await bytesOf('module', 'bailiwick'));
  });

  it('differs from seed to seed, and the seed is not on record', async () => {
    const run = await runGuest('random', 'module', {
      grant: { random: { seed: 'my-own-seed' } },
      line: 'bytes 16',
    });
    expect(run.value('bytes')).not.toBe((await bytesOf('module', 'bailiwick'))?.slice(0, 32));
    expect(JSON.stringify(run.records)).not.toContain('my-own-seed');
  });
});

const denied = { grant: null, reason: 'not-granted', operation: 'random', missing: { section: 'random' } };

describe('no randomness', () => {
  it('is an error on 0.1', async () => {
    const run = await runGuest('random', 'module', { line: 'bytes 16' });
    expect(run.lines).toEqual(['getentropy=ENOTCAPABLE']);
    expect(run.exitCode).toBe(0);
    expect(run.of('denial')).toEqual([expect.objectContaining(denied)]);
  });

  it('is a trap on 0.2, which has no way to say no', async () => {
    const run = await runGuest('random', 'component', { line: 'bytes 16' });
    expect(run.outcome.kind).toBe('trap');
    expect(run.exitCode).toBe(134);
    expect(run.of('denial')).toEqual([expect.objectContaining(denied)]);
  });

  it('is one denial on record however often the guest asks', async () => {
    const { instance, run } = await openGuest('random', 'module', {
      grant: { random: 'secure' },
      line: 'bytes 16',
    });
    instance.revoke('random');
    const result = await run();
    expect(result.lines).toEqual(['getentropy=ENOTCAPABLE']);
    expect(result.of('denial')).toEqual([
      expect.objectContaining({ grant: 'random', reason: 'revoked', operation: 'random' }),
    ]);
  });
});
