import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Tests that start real programs (CPython, clang) share two cores with the rest of the suite.
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
