import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Context, effortOf } from '../benchmark.ts';
import { ServerProcess } from '../contestants/servers.ts';
import { CONNECTIONS, load } from '../http-load.ts';
import { compare, type Contestant, reading } from '../measure.ts';
import { handlerGuest } from '../programs.ts';
import type { Row } from '../row.ts';

const REUSE = 'reused, 1,000 times';
const SINGLE = 'one for each';
const JCO = 'jco + preview3-shim';

/** Requests that a handler of 0.3 answers, the same component on both sides, each server in a process of its own. */
export async function serveAsyncRequests(context: Context): Promise<readonly Row[]> {
  const component = join(context.workspace.makeDirectory(), 'handler.wasm');
  await writeFile(component, await handlerGuest());
  const serve = ['src/cli/bin.ts', 'serve', '--addr', '127.0.0.1:0', '--max-concurrent', '128', '--no-cache'];
  const jco = ['bench/contestants/jco-handler.ts', component, context.workspace.makeDirectory(), 'PORT'];
  await using single = await ServerProcess.start([...serve, component], '/');
  await using reuse = await ServerProcess.start([...serve, '--reuse', '1000', component], '/');
  await using peer = await ServerProcess.start(jco, '/');
  const contestants = Object.entries({ [SINGLE]: single, [REUSE]: reuse, [JCO]: peer }).map(
    ([name, { url }]): Contestant => ({ name, round: () => load(url, context.check) }),
  );
  const results = await compare(contestants, effortOf(context, { warmUp: 1, rounds: 3 }));
  return CONNECTIONS.flatMap((connections) =>
    [SINGLE, REUSE].map((ours): Row => {
      const what = `time for a request ${connections}`;
      return {
        what: `${ours}, ${connections} at a time`,
        ours: reading(results, ours, what),
        peer: { name: JCO, time: reading(results, JCO, what) },
        goal: { kind: 'faster', times: 1 },
      };
    }),
  );
}
