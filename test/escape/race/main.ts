// npm run attack:race [-- --seconds 60]
import { parseArgs } from 'node:util';
import { race } from './race.ts';

const { seconds } = parseArgs({ options: { seconds: { type: 'string', default: '60' } } }).values;
const races = await race(Number(seconds) * 1000);
for (const { who, attempts, inside, refused, escapes, changed } of races) {
  console.log(
    `${who.padEnd(14)} ${attempts} attempts: ${inside} met the inside, ${refused} were refused, ` +
      `${escapes} escapes, ${changed.length} things changed outside`,
  );
}
const [peer, ...ours] = races.toReversed();
if (ours.some(({ escapes, changed }) => escapes > 0 || changed.length > 0)) {
  console.log('A guest got out.');
  process.exitCode = 1;
} else if (peer === undefined || peer.escapes === 0) {
  console.log('The attack did not work on the peer either: this run shows nothing.');
  process.exitCode = 1;
}
