import { join } from 'node:path';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const TESTS = 'test/**/*.test.ts';
/** They count what their whole process holds: timers, descriptors, memory. What the tests of another file left would count, too. */
const ALONE = 'test/**/*.alone.test.ts';

const config: ViteUserConfig = defineConfig({
  test: {
    // Half of the time goes into starting things: all cores, where Vitest would leave one idle.
    maxWorkers: '100%',
    // Tests that start real programs (CPython, clang) share two cores with the rest of the suite.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Tests start our command from its sources about a hundred times; Node.js keeps what it made of them.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, '.cache/compile') },
    // A worker loads the sources once for all files that it runs, not anew for each, which took a third of the time.
    projects: [
      {
        extends: true,
        test: { name: 'together', include: [TESTS], exclude: [ALONE], isolate: false },
      },
      // Later: a worker goes on from file to file only while those that follow share it, too.
      { extends: true, test: { name: 'alone', include: [ALONE], sequence: { groupOrder: 1 } } },
    ],
  },
});

export default config;
