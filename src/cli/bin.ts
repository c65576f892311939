#!/usr/bin/env node
// Nothing newer than Node.js 20 may be imported here statically: an old Node.js must get as far as the line below.
import { nodeVersionProblem } from '../node-version.ts';

/** As in env(1) and timeout(1): the command itself failed, not the program that it was to run. */
const OWN_FAILURE = 125;

const problem = nodeVersionProblem(process.versions.node);
if (problem === undefined) {
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv.slice(2));
} else {
  process.stderr.write(`bailiwick: ${problem}\n`);
  process.exitCode = OWN_FAILURE;
}
