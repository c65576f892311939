import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { guest } from '../../test/guests/index.ts';
import type { Context } from '../benchmark.ts';
import type { Density } from '../contestants/density-process.ts';
import type { Row } from '../row.ts';

const CHILD = join(import.meta.dirname, '../contestants/density-process.ts');

/** Instances that live at one time, and those that are started at once. */
const LIVE = 5000;
const BURST = 1000;

/** How long the event loop may be held up by a burst of starts. */
const MAX_GAP = 15e6;
const KIB = 1024;

interface Kind {
  readonly wasi: string;
  readonly peer: string;
  /** Bytes of one idle instance. */
  readonly goal: number;
}

/** What idle instances of a small C program take, and whether others go on while many are started. */
export async function density(context: Context): Promise<readonly Row[]> {
  const { module, component } = await guest('nothing');
  return [
    ...(await rowsOf(context, module, { wasi: '0.1', peer: 'node:wasi', goal: 40 * KIB })),
    ...(await rowsOf(context, component, { wasi: '0.2', peer: 'jco', goal: 120 * KIB })),
  ];
}

async function rowsOf(context: Context, program: Uint8Array, kind: Kind): Promise<Row[]> {
  const { wasi, peer, goal } = kind;
  const file = join(context.workspace.makeDirectory(), 'program.wasm');
  await writeFile(file, program);
  const ours = await measure(context, 'bailiwick', file);
  const theirs = await measure(context, peer, file);
  const live = `WASI ${wasi}, one of 5,000 idle instances`;
  const burst = `WASI ${wasi}, 1,000 starts at once`;
  const versus = (what: keyof Density): Pick<Row, 'ours' | 'peer'> => ({
    ours: ours[what],
    peer: { name: peer, time: theirs[what] },
  });
  return [
    {
      what: `${live}: memory of the process`,
      ours: ours.rss,
      unit: 'bytes',
      goal: { kind: 'adds', time: goal },
    },
    { what: `${live}: the same`, ...versus('rss'), unit: 'bytes' },
    { what: `${live}: heap of it`, ...versus('heap'), unit: 'bytes' },
    {
      what: `${burst}: longest gap of a timer of 1 ms`,
      ours: ours.gap,
      goal: { kind: 'adds', time: MAX_GAP },
    },
    { what: `${burst}: the same`, ...versus('gap') },
    { what: `${burst}: longest pause of V8's collector meanwhile`, ours: ours.pause },
    { what: `${burst}: all of them`, ...versus('burst') },
  ];
}

async function measure({ check }: Context, contestant: string, file: string): Promise<Density> {
  const counts = (check ? [20, 20] : [LIVE, BURST]).map(String);
  const child = fork(CHILD, [contestant, file, ...counts], {
    execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning'],
  });
  let density: Density | undefined;
  child.on('message', (message) => (density = message as Density));
  await once(child, 'exit');
  if (density === undefined) throw new Error(`${contestant} has not started so many instances`);
  return density;
}
