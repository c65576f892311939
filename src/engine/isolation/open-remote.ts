import { InstanceRecorder, type RecordLog } from '../../audit/instance-recorder.ts';
import { BindingError, InstanceError } from '../../errors.ts';
import { ACCESS_SHORT_NAMES } from '../../policy/index.ts';
import type { Machine } from '../../virtual/machine.ts';
import { type Bindings, resolveBindings, type ResolvedBindings } from '../bindings.ts';
import type { CompiledPolicy } from '../compiled-policy.ts';
import type { InstantiateOptions } from '../instantiate-options.ts';
import type { Leave } from '../open-inline.ts';
import type { Tenant } from '../tenants/tenant.ts';
import type { Place, Pools } from './pool.ts';
import type { CachePlace, WireBudgets } from './protocol.ts';
import type { WireOpened } from './protocol.ts';
import { endedError } from '../outcome.ts';
import { RemoteInstance } from './remote-instance.ts';
import type { Reach } from './worker-handle.ts';

/** Threads are behind no walls of the system's. */
const NO_WALL: Reach = { readable: [], writable: [], network: true };

/** What an instance is opened with behind a wall. */
export interface RemoteOpening {
  readonly id: string;
  readonly program: { readonly name: string; readonly digest: string; readonly bytes: Uint8Array };
  readonly policy: CompiledPolicy;
  readonly tenant: Tenant;
  readonly log: RecordLog;
  readonly offThreadFrom: number | undefined;
  readonly cache: CachePlace | undefined;
  /** Called when the instance ends. Not when its opening fails. */
  readonly leave: Leave;
}

/** Opens a program in a worker: everything is checked here first, and everything that the worker decides is on record here. */
export async function openRemote(
  level: 'thread' | 'process',
  options: InstantiateOptions,
  opening: RemoteOpening,
  pools: Pools,
  machine: Machine,
): Promise<RemoteInstance> {
  const { policy, tenant, id } = opening;
  assertCrossing(options, level);
  const join = (base: string, path: string): string => machine.resolvePath(base, path);
  const resolved = resolveBindings(policy, options.bindings ?? {}, join);
  const pool = pools.get(level);
  const place = await pool.take(tenant.name, level === 'thread' ? NO_WALL : reachOf(policy, resolved, join));
  let instance: RemoteInstance | undefined;
  let isOpen = false;
  try {
    // Not in the time of the instance, as it is not where the program is there already.
    await provide(place, opening);
    instance = new RemoteInstance({
      id,
      tenant,
      place,
      recorder: new InstanceRecorder(opening.log, machine, tenant.name, id),
      stdin: machine.openInput(options.stdin ?? 'ignore'),
      stdout: machine.openOutput(options.stdout ?? 'ignore', 'stdout'),
      stderr: machine.openOutput(options.stderr ?? 'ignore', 'stderr'),
      deadline: policy.limits.deadline,
      monotonicNow: () => machine.monotonicNow(),
      openedAt: machine.monotonicNow(),
      leave: (outcome) => {
        if (isOpen && instance !== undefined) opening.leave(outcome, instance.usage());
      },
      giveBack: () => pool.give(place),
      lend: () => pool.lend(place),
      hasFiles: policy.policy.filesystem.length > 0,
    });
    place.worker.host(place.number, instance);
    const opened = await open(place, options, opening, toWireBindings(options, policy, resolved, join));
    const { outcome } = instance;
    isOpen = true;
    instance.opened(opened);
    // It had ended before it was known to be open.
    if (outcome !== undefined) opening.leave(outcome, instance.usage());
    return instance;
  } catch (error) {
    instance?.failed();
    pool.give(place);
    // How the start was ended by force.
    const { outcome } = instance ?? {};
    throw outcome === undefined ? error : endedError(outcome);
  }
}

function provide({ worker }: Place, { program, cache }: RemoteOpening): Promise<void> {
  const { digest, bytes, name } = program;
  return worker.provide(digest, () => worker.peer.request('compile', bytes, name, cache));
}

async function open(
  { worker, number }: Place,
  { args = [], name, stdin = 'ignore', stdout = 'ignore', stderr = 'ignore' }: InstantiateOptions,
  { id, program, policy, tenant, offThreadFrom }: RemoteOpening,
  bindings: Bindings,
): Promise<WireOpened> {
  return worker.peer.request('open', {
    instance: number,
    id,
    tenant: tenant.name,
    digest: program.digest,
    policy: policy.policy,
    bindings,
    args: [name ?? program.name, ...args],
    streams: { stdin: stdin !== 'ignore', stdout: stdout !== 'ignore', stderr: stderr !== 'ignore' },
    budgets: budgetsOf(tenant),
    offThreadFrom,
  });
}

function budgetsOf({ cpu, bytes, requests }: Tenant): WireBudgets {
  return {
    cpu: cpu !== undefined,
    bytes: bytes && { name: bytes.name, limit: bytes.limit },
    requests: requests && { name: requests.name, amount: requests.amount },
  };
}

/** @throws InstanceError BW_ISOLATION_IMPORTS, BindingError BW_ISOLATION_BINDING: what lives on the host's thread only */
function assertCrossing({ imports = {}, bindings = {} }: InstantiateOptions, level: string): void {
  const hint = 'Use isolation: "inline" for this instance.';
  if (Object.keys(imports).length > 0)
    throw new InstanceError(
      'BW_ISOLATION_IMPORTS',
      `\`imports\` are functions of this thread; an instance of the level \`${level}\` cannot call them.`,
      { hint },
    );
  const live = [
    bindings.virtualNetwork !== undefined && 'virtualNetwork',
    typeof bindings.network?.resolver === 'function' && 'network.resolver',
  ].find((name) => name !== false);
  if (live === undefined) return;
  throw new BindingError(
    'BW_ISOLATION_BINDING',
    `bindings.${live} lives on this thread; an instance of the level \`${level}\` cannot reach it.`,
    { hint },
  );
}

/** What the policy needs of the embedder's half, and nothing beside it. Paths are absolute: a worker has no directory of its own. */
function toWireBindings(
  { bindings = {} }: InstantiateOptions,
  { policy }: CompiledPolicy,
  { images, secrets }: ResolvedBindings,
  join: (base: string, path: string) => string,
): Bindings {
  const { directories = {}, environment = {}, hostPaths, confinement, network, listeners } = bindings;
  const variables = Object.keys(policy.environment).filter((name) => Object.hasOwn(environment, name));
  return {
    directories: Object.fromEntries(
      Object.entries(directories).map(([name, path]) => [name, join('.', path)]),
    ),
    images: Object.fromEntries(
      [...images].flatMap(([name, image]) => (typeof image === 'string' ? [] : [[name, image]])),
    ),
    environment: Object.fromEntries(variables.map((name) => [name, environment[name]])),
    secrets: Object.fromEntries(secrets),
    ...(hostPaths && { hostPaths: { relativeTo: join('.', hostPaths.relativeTo) } }),
    ...(confinement && { confinement }),
    ...(network && { network }),
    ...(listeners && { listeners }),
  };
}

/** @returns what of the machine a process needs for this policy */
function reachOf(
  { policy }: CompiledPolicy,
  { directories, images, listeners }: ResolvedBindings,
  join: (base: string, path: string) => string,
): Reach {
  const writable = policy.filesystem
    .filter(({ access }) => access.some((word) => !READING.has(word)))
    .flatMap(({ host, overlay }) => [host, overlay?.lower.host])
    .flatMap((name) => directories.get(name ?? '') ?? []);
  const readable = [
    ...directories.values(),
    ...[...images.values()].filter((image) => typeof image === 'string'),
  ];
  // Node.js takes it for a pattern: the process would reach what begins alike.
  if (readable.some((path) => path.includes('*')))
    throw new BindingError(
      'BW_ISOLATION_BINDING',
      'A path with `*` in it is bound; a process could not be held to it.',
      { hint: 'Use isolation: "thread", or a path without `*`.' },
    );
  const sorted = (paths: readonly string[]): string[] =>
    [...new Set(paths.map((path) => join('.', path)))].toSorted();
  return {
    readable: sorted(readable),
    writable: sorted(writable),
    network: policy.http.length + policy.sockets.length + policy.dns.length + listeners.length > 0,
  };
}

const READING: ReadonlySet<string> = new Set(ACCESS_SHORT_NAMES.read);
