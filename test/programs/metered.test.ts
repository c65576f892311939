import { expect, it } from 'vitest';
import { MeteredJobs } from './metered/jobs.ts';

// clang and CPython take a minute: `npm run fuel` has them.
it('SQLite does the same metered as not, and spends the same with other slices', async () => {
  using jobs = await MeteredJobs.open(false);
  expect(await jobs.compare('SQLite')).toBeGreaterThan(0);
});
