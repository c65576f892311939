// Runs one benchmark in this process, and gives its rows to the parent: `node run-alone.ts NAME [--check]`.
import { BENCHMARKS } from './benchmarks/index.ts';
import { Workspace } from './workspace.ts';

const [name, flag] = process.argv.slice(2);
const benchmark = BENCHMARKS.find((each) => each.name === name);
if (benchmark === undefined || process.send === undefined) throw new Error('bench/main.ts starts this');
using workspace = new Workspace();
const run = await benchmark.load();
process.send(await run({ check: flag === '--check', workspace }));
