import type { Context } from '../benchmark.ts';
import { BailiwickProgram, POLICY, POLICY_WITH_DEADLINE } from '../contestants/bailiwick.ts';
import { JcoProgram } from '../contestants/jco.ts';
import { time } from '../measure.ts';
import { callsGuest, describeSize } from '../programs.ts';
import type { Row } from '../row.ts';
import { compareStarts, startUnder } from './starts.ts';

export async function instantiateComponent(context: Context): Promise<readonly Row[]> {
  const { component } = await callsGuest();
  const program = await BailiwickProgram.compile(component);
  const jco = await JcoProgram.compile(component, context.workspace);
  const peer = (): Promise<number> => time(() => jco.instantiate());
  const name = 'jco + preview2-shim';
  const plain = await compareStarts(context, { ours: startUnder(program, POLICY), peer });
  const deadline = await compareStarts(context, { ours: startUnder(program, POLICY_WITH_DEADLINE), peer });
  const what = describeSize('C component', component);
  return [
    { what, ours: plain.ours, peer: { name, time: plain.peer }, goal: { kind: 'faster', times: 1.5 } },
    { what: `${what}, with a deadline`, ours: deadline.ours, peer: { name, time: deadline.peer } },
  ];
}
