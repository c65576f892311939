import { availableParallelism } from 'node:os';
import { type Result, runTest } from './run-test.ts';
import type { Setting } from './setting.ts';
import type { TestCase } from './suite.ts';

/**
 * Runs as many tests at a time as the machine has processors.
 *
 * @param onResult is told of each as it ends
 * @returns the results in the order of `tests`
 */
export async function runAll(
  tests: readonly TestCase[],
  setting: Setting,
  onResult: (result: Result) => void,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  let next = 0;
  async function work(): Promise<void> {
    for (let index = next++; index < tests.length; index = next++) {
      const result = await runTest(tests[index] as TestCase, setting);
      results[index] = result;
      onResult(result);
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return results;
}
