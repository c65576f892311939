import { bailiwickRun, type Ended } from './command.ts';
import { type Exception, exceptionFor } from './exceptions.ts';
import { makeFixture } from './fixture.ts';
import { perform } from './perform.ts';
import { readScript } from './script.ts';
import type { Setting } from './setting.ts';
import { type ExpectedOutput, readSpecification, type Specification } from './specification.ts';
import type { TestCase } from './suite.ts';

/** What became of one test. */
export interface Result {
  readonly test: TestCase;
  /** `excepted`: it did the one thing that is accepted in place of what the suite says. */
  readonly outcome: 'pass' | 'excepted' | 'fail';
  /** What was accepted and why, or what is wrong. */
  readonly notes: readonly string[];
  readonly milliseconds: number;
}

export async function runTest(test: TestCase, setting: Setting): Promise<Result> {
  const start = performance.now();
  const judged = await judge(test, setting);
  return { test, ...judged, milliseconds: Math.round(performance.now() - start) };
}

type Judgement = Pick<Result, 'outcome' | 'notes'>;

/** Whatever goes wrong is this test's failure: the others still run. */
async function judge(test: TestCase, setting: Setting): Promise<Judgement> {
  try {
    if (setting.wasi === '0.3') return await judgeScript(test, setting);
    const specification = await readSpecification(test.specification);
    const ended = await run(test, specification, setting);
    const exception = exceptionFor(test.name, setting);
    const faults = compare(ended, exception === undefined ? specification : except(specification, exception));
    if (faults.length > 0) return { outcome: 'fail', notes: [...faults, ...lastWords(ended)] };
    if (exception === undefined) return { outcome: 'pass', notes: [] };
    return { outcome: 'excepted', notes: [describe(exception)] };
  } catch (error) {
    return { outcome: 'fail', notes: [String(error)] };
  }
}

/** Tests for 0.3 are scripts; none of them has an exception. */
async function judgeScript(test: TestCase, setting: Setting): Promise<Judgement> {
  const faults = await perform(test, await readScript(test.specification), setting);
  return { outcome: faults.length === 0 ? 'pass' : 'fail', notes: faults };
}

function except(specification: Specification, { exitCode, stderr }: Exception): Specification {
  return { ...specification, exitCode, stderr: { text: stderr, extent: 'start' } };
}

/** `bailiwick run --dir ROOT::/ --env ... PROGRAM ARGS`, on a fresh copy of ROOT. */
async function run(test: TestCase, specification: Specification, setting: Setting): Promise<Ended> {
  const { root, env, args } = specification;
  await using fixture = await makeFixture(test, root, setting);
  const mode = setting.volume === 'host' ? '' : `::${setting.volume}`;
  return await bailiwickRun(setting.command, [
    ...(fixture.root === undefined ? [] : ['--dir', `${fixture.root}::/${mode}`]),
    ...Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    fixture.program,
    ...args,
  ]);
}

function compare(ended: Ended, expected: Specification): string[] {
  if (ended.timedOut) return ['did not end in time'];
  const faults: string[] = [];
  if (ended.exitCode !== expected.exitCode)
    faults.push(`exit code ${ended.exitCode ?? 'none'}, expected ${expected.exitCode}`);
  for (const stream of ['stdout', 'stderr'] as const) {
    if (!matches(ended[stream], expected[stream]))
      faults.push(`${stream} ${excerpt(ended[stream])}, expected ${excerpt(expected[stream].text)}`);
  }
  return faults;
}

function matches(found: string, { text, extent }: ExpectedOutput): boolean {
  return extent === 'whole' ? found === text : found.startsWith(text);
}

function excerpt(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}

/** Programs of the suite tell on standard error where they stopped. */
function lastWords({ stderr }: Ended): string[] {
  return stderr
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, 6);
}

function describe({ exitCode, because, reason }: Exception): string {
  const why = because === 'specification' ? 'left open by the specification' : 'a fault of the adapter';
  return `accepted exit code ${exitCode}, ${why}: ${reason}`;
}
