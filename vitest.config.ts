import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Half of the time goes into starting things: all cores, where Vitest would leave one idle.
    maxWorkers: '100%',
    // Tests that start real programs (CPython, clang) share two cores with the rest of the suite.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});

export default config;
