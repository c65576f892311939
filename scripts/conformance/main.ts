// npm run conformance -- SUITE_DIR [--volume host|memory|overlay] [--wasi 0.1|0.2|0.3] [--only NAME]... [--json FILE]
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import process from 'node:process';
import { FlagError, type Flags, HELP, readFlags } from './flags.ts';
import { Progress } from './progress.ts';
import { formatJson, formatSummary, formatTable, totals } from './report.ts';
import { runAll } from './run-all.ts';
import type { Setting } from './setting.ts';
import { findTests, type Suite, type TestCase } from './suite.ts';

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const flags = readFlags(process.argv.slice(2));
    if (flags === undefined) {
      console.log(HELP);
      return 0;
    }
    return await conform(flags);
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    console.error(`${error.message}\n\n${HELP}`);
    return 2;
  }
}

async function conform({ suite, setting, only, json }: Flags): Promise<number> {
  if (!existsSync(setting.command))
    throw new FlagError('the command is not built: run `npm run build` first');
  const { tests, others } = await findSuite(suite, setting);
  const chosen = choose(tests, only);
  if (others.length > 0) console.log(`Not for WASI ${setting.wasi}, and not run: ${others.join(', ')}`);
  const progress = new Progress(process.stderr, chosen.length);
  const results = await runAll(chosen, setting, ({ outcome }) => progress.add(outcome === 'fail'));
  console.log(`${formatTable(results)}\n\n${formatSummary(results, setting)}`);
  if (json !== undefined) await writeFile(json, formatJson(results, setting));
  return totals(results).fail === 0 ? 0 : 1;
}

async function findSuite(folder: string, { wasi }: Setting): Promise<Suite> {
  const suite = await findTests(folder, wasi).catch((cause: unknown) => {
    throw new FlagError(`${folder} cannot be read`, { cause });
  });
  if (suite.tests.length > 0) return suite;
  throw new FlagError(
    `no tests for WASI ${wasi} in ${folder}: is it branch prod/testsuite-base of the suite?`,
  );
}

/** A test that is not there would pass without a run. */
function choose(tests: readonly TestCase[], only: readonly string[]): readonly TestCase[] {
  const unknown = only.filter((name) => !tests.some((test) => test.name === name));
  if (unknown.length > 0) throw new FlagError(`no such test: ${unknown.join(', ')}`);
  return only.length === 0 ? tests : tests.filter(({ name }) => only.includes(name));
}
