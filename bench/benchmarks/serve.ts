import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { httpGuest } from '../../test/guests/index.ts';
import { type Context, effortOf } from '../benchmark.ts';
import { ServerProcess } from '../contestants/servers.ts';
import { CONNECTIONS, load, PERCENTILES } from '../http-load.ts';
import { compare, type Contestant, reading, type Readings } from '../measure.ts';
import type { Row } from '../row.ts';

const ROOT = join(import.meta.dirname, '../..');

const REUSE = 'reused, 1,000 times';
const SINGLE = 'one for each';
const JCO = 'jco serve';
const NODE = 'node:http';

/** Requests that are answered `hello, world`, each server in a process of its own, the load from this one. */
export async function serveRequests(context: Context): Promise<readonly Row[]> {
  const component = join(context.workspace.makeDirectory(), 'server.wasm');
  await writeFile(component, await httpGuest('server'));
  const serve = ['src/cli/bin.ts', 'serve', '--addr', '127.0.0.1:0', '--max-concurrent', '128', '--no-cache'];
  const jco = join(ROOT, 'node_modules/@bytecodealliance/jco/dist/jco.js');
  await using single = await ServerProcess.start([...serve, component], '/hello');
  await using reuse = await ServerProcess.start([...serve, '--reuse', '1000', component], '/hello');
  await using peer = await ServerProcess.start(
    [
      jco,
      'serve',
      component,
      '--jco-dir',
      context.workspace.makeDirectory(),
      '--host',
      '127.0.0.1',
      '--port',
      'PORT',
    ],
    '/hello',
  );
  await using node = await ServerProcess.start(['bench/contestants/node-server.ts'], '/hello');
  const contestants = Object.entries({ [SINGLE]: single, [REUSE]: reuse, [JCO]: peer, [NODE]: node }).map(
    ([name, server]): Contestant => ({ name, round: () => load(server.url, context.check) }),
  );
  const results = await compare(contestants, effortOf(context, { warmUp: 1, rounds: 3 }));
  return CONNECTIONS.flatMap((connections) => rowsOf(connections, results));
}

function rowsOf(connections: number, results: ReadonlyMap<string, Readings>): Row[] {
  const time = (contestant: string, what: string): number =>
    reading(results, contestant, `${what} ${connections}`);
  const row = (ours: string, peer: string, what: string, goal?: Row['goal']): Row => ({
    what: `${ours}, ${connections} at a time, ${what}`,
    ours: time(ours, what),
    peer: { name: peer, time: time(peer, what) },
    ...(goal && { goal }),
  });
  const perRequest = 'time for a request';
  return [
    row(SINGLE, JCO, perRequest, { kind: 'faster', times: 1 }),
    row(SINGLE, NODE, perRequest),
    // At least 40 % of its requests in the same time.
    row(REUSE, NODE, perRequest, { kind: 'costs', times: 2.5 }),
    row(REUSE, JCO, perRequest),
    ...PERCENTILES.flatMap((what) => [row(SINGLE, JCO, what), row(REUSE, NODE, what)]),
  ];
}
