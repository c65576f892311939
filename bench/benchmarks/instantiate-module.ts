import { type Context, effortOf } from '../benchmark.ts';
import { BailiwickProgram } from '../contestants/bailiwick.ts';
import { NodeWasiProgram } from '../contestants/node-wasi.ts';
import { compare, reading, time } from '../measure.ts';
import { callsGuest, describeSize } from '../programs.ts';
import type { Row } from '../row.ts';

/** What a policy adds to the start of a program that is compiled already. */
export async function instantiateModule(context: Context): Promise<readonly Row[]> {
  const { module: bytes } = await callsGuest();
  const ours = await BailiwickProgram.compile(bytes);
  using node = await NodeWasiProgram.compile(bytes, context.workspace);
  const imports = emptyImports(node.module);
  const results = await compareStarts(context, {
    ours: async () => {
      const start = performance.now();
      const instance = await ours.instantiate();
      const taken = (performance.now() - start) * 1e6;
      await instance.close();
      return taken;
    },
    raw: () => time(() => new WebAssembly.Instance(node.module, imports)),
    'node:wasi': () => time(() => node.instantiate()),
  });
  const rows: Row[] = [];
  for (const [name, goal] of [
    ['raw', { kind: 'costs', times: 3 }],
    ['node:wasi', undefined],
  ] as const) {
    rows.push({
      what: describeSize('C module', bytes),
      ours: reading(results, 'ours', 'start'),
      peer: {
        name: name === 'raw' ? 'raw WebAssembly.Instance' : name,
        time: reading(results, name, 'start'),
      },
      ...(goal === undefined ? {} : { goal }),
    });
  }
  return rows;
}

/** Starts in a row, as on a server that has a burst of them; what the garbage collector takes is shared out among them. */
const BATCH = 10;

/** @param starts each instantiates once and answers nanoseconds */
export function compareStarts(
  context: Context,
  starts: Readonly<Record<string, () => Promise<number>>>,
): ReturnType<typeof compare> {
  const contestants = Object.entries(starts).map(([name, start]) => ({
    name,
    round: async () => {
      let sum = 0;
      for (let i = 0; i < BATCH; i++) sum += await start();
      return new Map([['start', sum / BATCH]]);
    },
  }));
  return compare(contestants, effortOf(context, { warmUp: 1000, rounds: 200 }));
}

function emptyImports(module: WebAssembly.Module): WebAssembly.Imports {
  const imports: WebAssembly.Imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    (imports[from] ??= {})[name] = () => 0;
  }
  return imports;
}
