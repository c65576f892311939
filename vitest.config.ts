import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Tests that start real programs (CPython, clang) share two cores with the rest of the suite.
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});

export default config;
