import process from 'node:process';
import { styleText } from 'node:util';
import type { Result } from './run-test.ts';
import type { Setting } from './setting.ts';

type Outcome = Result['outcome'];

const COLORS = { pass: 'green', excepted: 'yellow', fail: 'red' } as const satisfies Record<Outcome, string>;

/** A line for each test, under its suite; below it what was accepted, or what is wrong. */
export function formatTable(results: readonly Result[]): string {
  const width = Math.max(...results.map(({ test }) => test.name.length));
  const lines: string[] = [];
  let suite: string | undefined;
  for (const result of results) {
    if (result.test.suite !== suite) lines.push(`\n${result.test.suite}`);
    suite = result.test.suite;
    lines.push(formatLine(result, width), ...result.notes.map((note) => `      ${note}`));
  }
  return lines.join('\n');
}

function formatLine({ test, outcome, milliseconds }: Result, width: number): string {
  return `  ${test.name.padEnd(width)}  ${`${milliseconds} ms`.padStart(8)}  ${colored(outcome)}`;
}

/** In colour on a terminal only, unless NO_COLOR and its kin say otherwise. */
function colored(outcome: Outcome): string {
  return styleText(COLORS[outcome], outcome, { stream: process.stdout });
}

export function formatSummary(results: readonly Result[], setting: Setting): string {
  const { pass, excepted, fail } = totals(results);
  const exceptions = excepted === 0 ? '' : `, ${excepted} excepted for the reasons above`;
  return `WASI ${setting.wasi}, ${setting.volume} volume: ${results.length} test${results.length === 1 ? '' : 's'}, ${pass} pass${exceptions}, ${fail} fail.`;
}

/** The results as JSON, without anything of this machine's paths. */
export function formatJson(results: readonly Result[], { wasi, volume }: Setting): string {
  const report = {
    wasi,
    volume,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    totals: { tests: results.length, ...totals(results) },
    tests: results.map(({ test: { suite, name }, outcome, notes, milliseconds }) => ({
      suite,
      name,
      outcome,
      notes,
      milliseconds,
    })),
  };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

export function totals(results: readonly Result[]): Readonly<Record<Outcome, number>> {
  const count = (outcome: Outcome): number => results.filter((result) => result.outcome === outcome).length;
  return { pass: count('pass'), excepted: count('excepted'), fail: count('fail') };
}
