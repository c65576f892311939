// What a user of the package writes first; type-checked and run against the installed package.
import { readFile } from 'node:fs/promises';
import { Engine } from 'bailiwick';

const engine = new Engine();
const program = await engine.compile(await readFile('seven.wasm'));
await using instance = await program.instantiate({ policy: { version: 1 }, tenant: 'sample' });
const { outcome } = await instance.run();
if (outcome.kind === 'exit') console.log(`exited with ${outcome.code}`);
