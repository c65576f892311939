import { setTimeout as delay } from 'node:timers/promises';
import {
  BailiwickError,
  type Engine,
  type Instance,
  type InstantiateOptions,
  type Outcome,
  type Program,
} from '../../../src/index.ts';
import { watGuest } from '../../guests/index.ts';
import { buildGuest, TALKING, WASI_VERSIONS } from '../../support/guest-run.ts';

/** Something that a tenant does, and how it has to end. */
export interface Job {
  readonly name: string;
  /** @returns how it ended: the kind of its outcome, with the limit; the code of its error. */
  readonly run: (tenant: string, random: () => number) => Promise<string>;
  readonly expected: RegExp;
}

interface Case {
  readonly name: string;
  readonly guest: string;
  readonly line: string;
  readonly limits?: object;
  readonly expected: RegExp;
  readonly meanwhile?: (instance: Instance, random: () => number) => Promise<void>;
}

const LIMITS = { memory: '16MiB', handles: 40, deadline: '60s' };
const MOUNT = { id: 'm', mount: '/', memory: {}, access: 'read-write', quota: { bytes: '1MiB', files: 20 } };

const closeSoon = async (instance: Instance, random: () => number): Promise<void> => {
  await delay(20 * random());
  await instance.close();
};
const revoke = async (instance: Instance): Promise<void> => instance.revoke('m');

const CASES: readonly Case[] = [
  { name: 'answers', guest: 'process', line: 'arguments x y', expected: /^exit$/ },
  {
    name: 'answers with fuel',
    guest: 'process',
    line: 'arguments x',
    limits: { fuel: 1e7 },
    expected: /^exit$/,
  },
  { name: 'traps', guest: 'limits', line: 'trap', expected: /^trap$/ },
  { name: 'fills the stack', guest: 'limits', line: 'recursion', expected: /^trap$/ },
  { name: 'takes memory', guest: 'limits', line: 'memory 1', limits: { memory: '4MiB' }, expected: /^exit$/ },
  { name: 'takes handles', guest: 'limits', line: 'handles /', expected: /^exit$/ },
  { name: 'loses its files', guest: 'limits', line: 'handles /', meanwhile: revoke, expected: /^exit$/ },
  {
    name: 'spends its fuel',
    guest: 'limits',
    line: 'loop',
    limits: { fuel: 3_000_000 },
    expected: /^limit limits\.fuel$/,
  },
  {
    name: 'spends its time',
    guest: 'limits',
    line: 'loop',
    limits: { cpu: '10ms' },
    expected: /^limit limits\.cpu$/,
  },
  {
    name: 'calls without end',
    guest: 'limits',
    line: 'calls',
    limits: { cpu: '10ms' },
    expected: /^limit limits\.cpu$/,
  },
  {
    name: 'does not end in time',
    guest: 'limits',
    line: 'loop',
    limits: { deadline: '50ms', slice: '2ms' },
    expected: /^limit limits\.deadline$/,
  },
  {
    name: 'is closed',
    guest: 'limits',
    line: 'loop',
    limits: { slice: '1ms' },
    meanwhile: closeSoon,
    expected: /^cancelled$/,
  },
];

/** What a start never comes back from. */
const STARTS: Readonly<Record<string, string>> = {
  'a start function without end': '(module (func $f (loop $l (br $l))) (start $f))',
  'an initialisation without end': '(module (func (export "_initialize") (loop $l (br $l))))',
};

/** Programs of all versions of WASI, compiled once. */
export async function soakJobs(engine: Engine): Promise<readonly Job[]> {
  const jobs: Job[] = [];
  for (const [version, kind] of WASI_VERSIONS) {
    const programs = new Map<string, Program>();
    for (const guest of new Set(CASES.map((each) => each.guest)))
      programs.set(guest, await engine.compile(await buildGuest(guest, kind), { name: `${guest}.wasm` }));
    for (const each of CASES)
      jobs.push(jobOf(`${version} ${each.name}`, each, programs.get(each.guest) as Program));
  }
  for (const [name, wat] of Object.entries(STARTS)) {
    const program = await engine.compile(await watGuest(wat));
    const policy = { version: 1, limits: { fuel: 1_000_000 } };
    const run: Job['run'] = (tenant) => ended(() => program.instantiate({ policy, tenant }));
    jobs.push({ name, run, expected: /^BW_LIMIT_\w+$|^BW_INSTANCE_\w+$/ });
  }
  return jobs;
}

function jobOf(name: string, { line, limits, meanwhile, expected }: Case, program: Program): Job {
  const policy = { ...TALKING, filesystem: [MOUNT], limits: { ...LIMITS, ...limits } };
  const options: InstantiateOptions = { policy, args: line.split(' '), stdout: 'ignore', stderr: 'ignore' };
  const run: Job['run'] = (tenant, random) =>
    ended(async () => {
      const instance = await program.instantiate({ ...options, tenant });
      const [result] = await Promise.all([instance.run(), meanwhile?.(instance, random)]);
      return result;
    });
  return { name, run, expected };
}

async function ended(run: () => Promise<Instance | { readonly outcome: Outcome }>): Promise<string> {
  try {
    const { outcome } = await run();
    if (outcome === undefined) return 'started';
    return outcome.kind === 'limit' ? `limit ${outcome.limit}` : outcome.kind;
  } catch (error) {
    if (error instanceof BailiwickError) return error.code;
    throw error;
  }
}
