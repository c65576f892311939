import type { Context } from '../benchmark.ts';
import { BailiwickProgram, POLICY, POLICY_WITH_DEADLINE } from '../contestants/bailiwick.ts';
import { JcoProgram } from '../contestants/jco.ts';
import { type AsyncCommand, asyncShim, transpileAsync } from '../contestants/jco-streams.ts';
import { time } from '../measure.ts';
import { callsGuest, describeSize, streamsGuest } from '../programs.ts';
import type { Row } from '../row.ts';
import { compareStarts, type Start, startUnder } from './starts.ts';

export async function instantiateComponent(context: Context): Promise<readonly Row[]> {
  const { component } = await callsGuest();
  const program = await BailiwickProgram.compile(component);
  const jco = await JcoProgram.compile(component, context.workspace);
  return rowsOf(context, {
    what: describeSize('C component', component),
    program,
    peer: { name: 'jco + preview2-shim', start: () => time(() => jco.instantiate()) },
    times: 1.5,
  });
}

export async function instantiateAsyncComponent(context: Context): Promise<readonly Row[]> {
  const component = await streamsGuest();
  const program = await BailiwickProgram.compile(component);
  const directory = context.workspace.makeDirectory();
  const jco = await transpileAsync<AsyncCommand>(component, directory, 'wasi:cli/run#run');
  return rowsOf(context, {
    what: describeSize('C component', component),
    program,
    peer: {
      name: 'jco + preview3-shim',
      start: () => time(() => jco.instantiate(asyncShim([], directory))),
    },
    times: 1,
  });
}

interface Contest {
  readonly what: string;
  readonly program: BailiwickProgram;
  readonly peer: { readonly name: string; readonly start: Start };
  /** How many times as fast as the peer we are to be. */
  readonly times: number;
}

async function rowsOf(context: Context, { what, program, peer, times }: Contest): Promise<readonly Row[]> {
  const { name, start } = peer;
  const plain = await compareStarts(context, { ours: startUnder(program, POLICY), peer: start });
  const deadline = await compareStarts(context, {
    ours: startUnder(program, POLICY_WITH_DEADLINE),
    peer: start,
  });
  return [
    { what, ours: plain.ours, peer: { name, time: plain.peer }, goal: { kind: 'faster', times } },
    { what: `${what}, with a deadline`, ours: deadline.ours, peer: { name, time: deadline.peer } },
  ];
}
