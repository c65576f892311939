/**
 * `npm run edge`: builds a JavaScript component with componentize-js (StarlingMonkey), which npm fetches for it, and has it
 * serve and send requests. A command of its own, because the tool takes 400 MB of disk, a minute and gigabytes of memory.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AuditLog, Engine, MemorySink, type Program } from '../../../src/index.ts';
import { withWit } from '../../guests/index.ts';

const TOOL = '@bytecodealliance/componentize-js@0.23.0';
/** The one that this version of the tool exports. */
const WASI = '0.2.10';
const CACHE = join(import.meta.dirname, '../../../.cache/edge');

async function build(): Promise<Uint8Array> {
  const source = join(import.meta.dirname, 'edge.js');
  const world = await readFile(join(import.meta.dirname, 'edge.wit'), 'utf8');
  const out = join(CACHE, 'edge.wasm');
  await mkdir(CACHE, { recursive: true });
  console.log(`building ${out} with ${TOOL} …`);
  await withWit(
    world,
    (wit) =>
      promisify(execFile)(
        'npm',
        `exec --yes --package=${TOOL} -- componentize-js`
          .split(' ')
          .concat(source, '--wit', wit, '--world-name', 'edge', '--out', out),
      ),
    [WASI],
  );
  return readFile(out);
}

/** @returns what the program answers, in an instance of its own: StarlingMonkey takes one request */
async function ask(program: Program, origin: string, request: Request): Promise<[number, string]> {
  const audit = new AuditLog([new MemorySink()]);
  await using instance = await program.instantiate({
    policy: {
      version: 1,
      http: [{ id: 'service', methods: ['GET'], url: `${origin}/allowed/**` }],
      clocks: { wall: { resolution: '1ms' }, monotonic: { resolution: '1us' } },
      random: 'secure',
      limits: { deadline: '20s', memory: '128MiB' },
    },
    audit,
  });
  try {
    const response = await instance.fetch(request);
    return [response.status, await response.text()];
  } catch {
    const denial = audit.records.find((record) => record.kind === 'denial');
    return [0, denial === undefined ? 'failed' : `denied ${denial.subject}`];
  }
}

async function listen(): Promise<Server> {
  const server = createServer((request, response) => void response.end(`the service has ${request.url}`));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  return server;
}

const program = await new Engine({ cache: false }).compile(await build());
const server = await listen();
try {
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const get = (path: string): Promise<[number, string]> =>
    ask(program, origin, new Request(`http://edge.test${path}`));
  assert.deepEqual(await get('/'), [200, 'hello']);
  const body = 'some text'.repeat(100_000);
  const echo = new Request('http://edge.test/echo', { method: 'POST', body });
  assert.deepEqual(await ask(program, origin, echo), [200, body]);
  assert.deepEqual(await get(`/fetch?url=${origin}/allowed/1`), [200, '200 the service has /allowed/1']);
  assert.deepEqual(await get(`/fetch?url=${origin}/other`), [0, `denied GET ${origin}/other`]);
  console.log('it serves, echoes 900 kB, reaches what its rule allows, and nothing else');
} finally {
  server.close();
}
