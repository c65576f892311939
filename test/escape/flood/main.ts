// npm run attack:flood [-- --mebibytes 1024]
import { parseArgs } from 'node:util';
import { flood, FLOODS } from './flood.ts';

const { mebibytes } = parseArgs({
  options: { mebibytes: { type: 'string', default: '1024' } },
}).values;
const inMiB = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
for (const direction of Object.keys(FLOODS)) {
  const { outcome, moved, apart, growth, seconds } = await flood(direction, Number(mebibytes));
  const grown = Object.entries(growth).map(([what, bytes]) => `${what} ${inMiB(bytes)}`);
  console.log(
    `${direction}: ${inMiB(moved)} in ${seconds.toFixed(1)} s, kept at most ${inMiB(apart)}; ` +
      `the process grew by at most ${grown.join(', ')}`,
  );
  if (outcome.kind !== 'exit' || outcome.code !== 0 || moved !== Number(mebibytes) * 2 ** 20) {
    console.log(`It did not move all of it: ${JSON.stringify(outcome)}`);
    process.exitCode = 1;
  }
}
