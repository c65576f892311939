import { type Context, effortOf } from '../benchmark.ts';
import { CALL_NAMES, CALLS, type Call, callArguments, type CallCounts, readReport } from '../calls.ts';
import { BailiwickProgram } from '../contestants/bailiwick.ts';
import { JcoProgram } from '../contestants/jco.ts';
import { NodeWasiProgram } from '../contestants/node-wasi.ts';
import { compare, type Contestant, reading } from '../measure.ts';
import { callsGuest } from '../programs.ts';
import type { Goal, Row } from '../row.ts';

const MODULE_COUNTS: CallCounts = {
  clock: 20_000,
  random: 20_000,
  pread: 5000,
  pwrite: 5000,
  fstat: 10_000,
  stat: 5000,
  open: 5000,
};

/** Fewer, because the peer takes up to a millisecond for one. */
const COMPONENT_COUNTS: CallCounts = {
  clock: 2000,
  random: 2000,
  pread: 500,
  pwrite: 500,
  fstat: 500,
  stat: 500,
  open: 200,
};

export async function moduleCalls(context: Context): Promise<readonly Row[]> {
  const { module } = await callsGuest();
  const ours = await BailiwickProgram.compile(module);
  using node = await NodeWasiProgram.compile(module, context.workspace);
  const contestants = [contestant('ours', MODULE_COUNTS, ours), contestant('node:wasi', MODULE_COUNTS, node)];
  const results = await compare(contestants, effortOf(context, { warmUp: 2000, rounds: 30 }));
  return rowsOf(results, 'node:wasi', 'node:wasi, tmpfs', (call) => ({
    kind: 'faster',
    times: call === 'clock' || call === 'random' ? 2 : 1,
  }));
}

export async function componentCalls(context: Context): Promise<readonly Row[]> {
  const { component } = await callsGuest();
  const ours = await BailiwickProgram.compile(component);
  const jco = await JcoProgram.compile(component, context.workspace);
  const contestants = [contestant('ours', COMPONENT_COUNTS, ours), contestant('jco', COMPONENT_COUNTS, jco)];
  const results = await compare(contestants, effortOf(context, { warmUp: 2000, rounds: 15 }));
  return rowsOf(results, 'jco', 'jco + preview2-shim, tmpfs', () => ({ kind: 'faster', times: 20 }));
}

/** Each round is a fresh instance that makes all calls and times them by its own clock. */
export function contestant(
  name: string,
  counts: Readonly<Record<string, number>>,
  program: { run(args: readonly string[]): string | Promise<string> },
): Contestant {
  const args = callArguments(counts);
  return { name, round: async () => readReport(await program.run(args), counts) };
}

function rowsOf(
  results: Awaited<ReturnType<typeof compare>>,
  peer: string,
  peerName: string,
  goalOf: (call: Call) => Goal,
): Row[] {
  return CALL_NAMES.map((call) => ({
    what: CALLS[call],
    ours: reading(results, 'ours', call),
    peer: { name: peerName, time: reading(results, peer, call) },
    goal: goalOf(call),
  }));
}
