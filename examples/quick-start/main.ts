// Four tenants in one process at once: CPython, a C program, a JavaScript plug-in and SQLite, each under its own policy.
import { mkdir, readFile, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  AuditLog,
  Engine,
  type Instance,
  jsonLinesSink,
  MemorySink,
  parsePolicy,
  type Policy,
} from 'bailiwick';
import { counter, plugin, python, sqlite } from './guests.ts';
import { printTenant } from './print.ts';

const FOLDER = 'examples/quick-start';
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

await rm(here('out'), { recursive: true, force: true });
await mkdir(here('out/reports'), { recursive: true });
await mkdir(here('out/books'));

console.log('Compiling CPython, a C program, a JavaScript plug-in and SQLite …');
const memory = new MemorySink();
using audit = new AuditLog([memory, jsonLinesSink(here('out/audit.jsonl'))]);
const engine = new Engine({ audit });
const programs = {
  python: await engine.compile(await python(), { name: 'python.wasm' }),
  counter: await engine.compile(await counter(), { name: 'count.wasm' }),
  plugin: await engine.compile(await plugin(), { name: 'plugin.wasm' }),
  sqlite: await engine.compile(await sqlite(), { name: 'sqlite3.wasm' }),
};

/** Keeps what a guest prints. A real host would pass a stream of its own. */
class Output {
  text = '';
  // A chunk may end inside of a character.
  readonly #decoder = new TextDecoder();
  write(chunk: Uint8Array): void {
    this.text += this.#decoder.decode(chunk, { stream: true });
  }
}

async function readPolicy(tenant: string): Promise<Policy> {
  return parsePolicy(await readFile(here(`${tenant}/policy.jsonc`), 'utf8'), {
    file: `${tenant}/policy.jsonc`,
  });
}

/** Reads sales, writes a report, and tries to change the sales. */
async function analyst(output: Output): Promise<Instance> {
  const instance = await programs.python.instantiate({
    policy: await readPolicy('analyst'),
    tenant: 'analyst',
    bindings: {
      directories: { sales: here('analyst/data'), script: here('analyst'), reports: here('out/reports') },
    },
    args: ['/app/report.py'],
    stdout: output,
    stderr: output,
  });
  await instance.run();
  return instance;
}

/** Counts words, and tries to write them, to climb out of its folder, and to fill its scratch space. */
async function counting(output: Output): Promise<Instance> {
  const instance = await programs.counter.instantiate({
    policy: await readPolicy('counter'),
    tenant: 'counter',
    bindings: { directories: { texts: here('counter/texts') } },
    stdout: output,
  });
  await instance.run();
  return instance;
}

/** Renders an order when the host calls it, and tries to read the clock. */
async function plugging(output: Output): Promise<Instance> {
  await using instance = await programs.plugin.instantiate({
    policy: await readPolicy('plugin'),
    tenant: 'plugin',
    stderr: output,
  });
  const order = {
    customer: 'Wile E.',
    items: [
      { units: 2, price: 55 },
      { units: 1, price: 240 },
    ],
  };
  output.text += String(await instance.call('render', JSON.stringify(order)));
  return instance;
}

/** Books the sales in a database, and tries to keep a second one where it may only read. */
async function bookkeeping(output: Output): Promise<Instance> {
  const instance = await programs.sqlite.instantiate({
    policy: await readPolicy('bookkeeper'),
    tenant: 'bookkeeper',
    bindings: {
      directories: { sales: here('analyst/data'), script: here('bookkeeper'), books: here('out/books') },
    },
    args: ['-batch', '-vfs', 'unix-none', '/books/sales.db', '.read /app/books.sql'],
    stdout: output,
    stderr: output,
  });
  await instance.run();
  return instance;
}

const tenants = { analyst, counter: counting, plugin: plugging, bookkeeper: bookkeeping };
await Promise.all(
  Object.entries(tenants).map(async ([name, run]) => {
    const output = new Output();
    const instance = await run(output);
    printTenant(name, instance, output.text, memory.records);
  }),
);
console.log(`\nThe report is in ${FOLDER}/out/reports/report.md, the log in ${FOLDER}/out/audit.jsonl.`);
