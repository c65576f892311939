import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { buildKey, buildOnce } from './build-cache.ts';

it('builds once, however many ask at the same time', async () => {
  const key = buildKey([randomUUID()]);
  let builds = 0;
  const build = async (): Promise<Uint8Array> => {
    builds++;
    await new Promise((resolve) => setTimeout(resolve, 20));
    return Uint8Array.of(builds);
  };
  const asked = await Promise.all(Array.from({ length: 5 }, () => buildOnce('cache-test', key, build)));
  expect(asked.map((bytes) => bytes[0])).toEqual([1, 1, 1, 1, 1]);
  expect(builds).toBe(1);
});

it('lets the next one try when a build fails', async () => {
  const key = buildKey([randomUUID()]);
  await expect(buildOnce('cache-test', key, () => Promise.reject(new Error('broken')))).rejects.toThrow(
    'broken',
  );
  expect(await buildOnce('cache-test', key, () => Promise.resolve(Uint8Array.of(7)))).toHaveLength(1);
});

it('tells inputs apart that read the same when put together', () => {
  expect(buildKey(['ab', 'c'])).not.toBe(buildKey(['a', 'bc']));
});
