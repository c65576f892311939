import type { Context } from '../benchmark.ts';
import { BailiwickProgram } from '../contestants/bailiwick.ts';
import { JcoProgram } from '../contestants/jco.ts';
import { reading, time } from '../measure.ts';
import { callsGuest, describeSize } from '../programs.ts';
import { compareStarts } from './instantiate-module.ts';
import type { Row } from '../row.ts';

export async function instantiateComponent(context: Context): Promise<readonly Row[]> {
  const { component } = await callsGuest();
  const ours = await BailiwickProgram.compile(component);
  const jco = await JcoProgram.compile(component, context.workspace);
  const results = await compareStarts(context, {
    ours: async () => {
      const start = performance.now();
      const instance = await ours.instantiate();
      const taken = (performance.now() - start) * 1e6;
      await instance.close();
      return taken;
    },
    jco: () => time(() => jco.instantiate()),
  });
  return [
    {
      what: describeSize('C component', component),
      ours: reading(results, 'ours', 'start'),
      peer: { name: 'jco + preview2-shim', time: reading(results, 'jco', 'start') },
      goal: { kind: 'faster', times: 1.5 },
    },
  ];
}
