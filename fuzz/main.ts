// npm run fuzz -- [TARGET] [--seconds N] [--seed N]: runs fuzz targets until the time is up; a failure prints how to repeat it.
import { parseArgs } from 'node:util';
import { componentTarget } from './component.ts';
import { hostTarget } from './host.ts';
import { imageTarget } from './image.ts';
import { meteringTarget } from './metering.ts';
import { Mutator } from './mutator.ts';
import { policyTarget } from './policy.ts';
import { programTarget } from './program.ts';
import { valuesTarget } from './values.ts';
import type { FuzzTarget } from './target.ts';

const TARGETS: Readonly<Record<string, () => Promise<FuzzTarget>>> = {
  component: componentTarget,
  host: hostTarget,
  image: imageTarget,
  metering: meteringTarget,
  policy: policyTarget,
  program: programTarget,
  values: valuesTarget,
};

const { values, positionals } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
  allowPositionals: true,
});
const names = positionals.length > 0 ? positionals : Object.keys(TARGETS);

for (const name of names) {
  const make = TARGETS[name];
  if (make === undefined)
    throw new Error(`There is no fuzz target ${name}; there are ${Object.keys(TARGETS).join(', ')}.`);
  const target = await make();
  const mutator = new Mutator(Number(values.seed));
  const end = performance.now() + Number(values.seconds) * 1000;
  let runs = 0;
  while (performance.now() < end) {
    const seed = target.seeds[runs % target.seeds.length] as Uint8Array;
    const input = mutator.mutate(seed);
    try {
      await target.run(input);
    } catch (error) {
      console.error(
        `${name}: run ${runs} of --seed ${values.seed} failed on\n${Buffer.from(input).toString('base64')}`,
      );
      throw error;
    }
    runs++;
  }
  console.log(`${name}: ${runs} runs in ${values.seconds} s, seed ${values.seed}, no findings`);
}
