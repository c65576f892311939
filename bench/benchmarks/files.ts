import { type Context, effortOf } from '../benchmark.ts';
import { BailiwickProgram, FILES_IN_MEMORY, onDirectory } from '../contestants/bailiwick.ts';
import { BrowserWasiProgram } from '../contestants/browser-wasi.ts';
import { JcoProgram } from '../contestants/jco.ts';
import { NodeWasiProgram } from '../contestants/node-wasi.ts';
import { FILE_JOB_NAMES, FILE_JOBS, type FileCounts, type FileJob, fileCounts } from '../file-jobs.ts';
import { compare, type Contestant, type Effort, type Readings, reading } from '../measure.ts';
import { filesGuest } from '../programs.ts';
import type { Goal, Row } from '../row.ts';
import { contestant } from './calls.ts';

const IN_MEMORY = 'ours, in memory';
const ON_HOST = 'ours, on the host';

/** Against Node's own WASI. Directories, ours and the peer's, are on tmpfs. */
export async function moduleFiles(context: Context): Promise<readonly Row[]> {
  const { module } = await filesGuest();
  using node = await NodeWasiProgram.compile(module, context.workspace);
  const counts = fileCounts(context.check, 20);
  const contestants = [...(await ours(context, module, counts)), contestant('node:wasi', counts, node)];
  const results = await compare(contestants, effortOf(context, { warmUp: 1000, rounds: 10 }));
  const goal: Goal = { kind: 'faster', times: 1 };
  return ([IN_MEMORY, ON_HOST] as const).flatMap((name) =>
    rowsOf(results, name, { name: 'node:wasi', text: 'node:wasi, tmpfs', goal }),
  );
}

/**
 * Against files in memory that are JavaScript's own. Few rounds, and one of the large file: the peer copies all of it for
 * every block that is added, which takes a minute.
 */
export async function moduleFilesInMemory(context: Context): Promise<readonly Row[]> {
  const { module } = await filesGuest();
  const browser = await BrowserWasiProgram.compile(module);
  const compareOn = async (counts: Partial<FileCounts>, effort: Effort): Promise<Row[]> => {
    const contestants = [
      (await ours(context, module, counts))[0],
      contestant('browser_wasi_shim', counts, browser),
    ];
    const results = await compare(contestants, effortOf(context, effort));
    const goal: Goal = { kind: 'faster', times: 1 };
    const peer = { name: 'browser_wasi_shim', text: 'browser_wasi_shim', goal };
    return rowsOf(
      results,
      IN_MEMORY,
      peer,
      FILE_JOB_NAMES.filter((job) => job in counts),
    );
  };
  const { write, read, ...small } = fileCounts(context.check, 10);
  return [
    ...(await compareOn({ write, read }, { warmUp: 0, rounds: 1 })),
    ...(await compareOn(small, { warmUp: 1000, rounds: 5 })),
  ];
}

/** Few rounds, since the peer takes many seconds for one. */
export async function componentFiles(context: Context): Promise<readonly Row[]> {
  const { component } = await filesGuest();
  const jco = await JcoProgram.compile(component, context.workspace);
  const counts = fileCounts(context.check, 5);
  const contestants = [...(await ours(context, component, counts)), contestant('jco', counts, jco)];
  const results = await compare(contestants, effortOf(context, { warmUp: 1000, rounds: 3 }));
  const goal: Goal = { kind: 'faster', times: 10 };
  return ([IN_MEMORY, ON_HOST] as const).flatMap((name) =>
    rowsOf(results, name, { name: 'jco', text: 'jco + preview2-shim, tmpfs', goal }),
  );
}

async function ours(
  { workspace }: Context,
  bytes: Uint8Array,
  counts: Partial<FileCounts>,
): Promise<[Contestant, Contestant]> {
  const program = await BailiwickProgram.compile(bytes);
  const host = onDirectory(workspace.makeDirectory());
  return [
    contestant(IN_MEMORY, counts, { run: (args) => program.run(args, { policy: FILES_IN_MEMORY }) }),
    contestant(ON_HOST, counts, { run: (args) => program.run(args, host) }),
  ];
}

function rowsOf(
  results: ReadonlyMap<string, Readings>,
  name: typeof IN_MEMORY | typeof ON_HOST,
  peer: { readonly name: string; readonly text: string; readonly goal: Goal },
  jobs: readonly FileJob[] = FILE_JOB_NAMES,
): Row[] {
  return jobs.map((job) => ({
    what: `${FILE_JOBS[job]}; ${name}`,
    ours: reading(results, name, job),
    peer: { name: peer.text, time: reading(results, peer.name, job) },
    goal: peer.goal,
  }));
}
