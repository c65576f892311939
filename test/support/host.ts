import { nodeMachine } from '../../src/ambient/machine.ts';
import { accessBits } from '../../src/kernel/access.ts';
import { GRANTED, Grant } from '../../src/kernel/grant.ts';
import { Guard } from '../../src/kernel/guard.ts';
import { DEFAULT_LIMITS, type Limits, Meter } from '../../src/kernel/meter.ts';
import type { Request, Section } from '../../src/kernel/request.ts';
import { ACCESS_WORDS, type AccessWord } from '../../src/policy/index.ts';
import { type ClockSource, makeClocks } from '../../src/virtual/clocks/make-clocks.ts';
import { Filesystem } from '../../src/virtual/filesystem/filesystem.ts';
import type { ImageFiles } from '../../src/virtual/filesystem/image-files.ts';
import { MemoryVolume } from '../../src/virtual/filesystem/memory-volume.ts';
import { Mount, type MountRules } from '../../src/virtual/filesystem/mount.ts';
import type { Volume } from '../../src/virtual/filesystem/volume.ts';
import type { Host } from '../../src/virtual/host.ts';
import { GuardedHttpClient } from '../../src/virtual/http/guarded-client.ts';
import type { ByteSink, InputSource } from '../../src/virtual/machine.ts';
import type { EgressRules } from '../../src/virtual/network/egress-rules.ts';
import { InstanceNetwork, type NetworkContext } from '../../src/virtual/network/instance-network.ts';
import type { NetworkStack } from '../../src/virtual/network/stack.ts';
import { makeRandom } from '../../src/virtual/random/make-random.ts';
import { DeniedInput, DeniedOutput } from '../../src/virtual/stdio/denied-streams.ts';
import { GuardedInput, GuardedOutput } from '../../src/virtual/stdio/guarded-streams.ts';

export interface TestMount {
  readonly path: string;
  /** All words by default. */
  readonly access?: readonly AccessWord[];
  readonly content?: ImageFiles;
  /** Instead of a memory volume with `content`. */
  readonly volume?: Volume;
  readonly rules?: Partial<MountRules>;
}

export interface TestHostOptions {
  /** One memory volume at `/` by default. */
  readonly mounts?: readonly TestMount[];
  readonly limits?: Partial<Limits>;
  readonly args?: readonly string[];
  readonly env?: readonly (readonly [string, string])[];
  /** `false`: not granted. */
  readonly stdin?: InputSource | false;
  readonly stdout?: ByteSink | false;
  /** `real` by default. */
  readonly clocks?: 'real' | 'virtual' | 'fixed' | 'absent';
  /** Nanoseconds since the Unix epoch where virtual and fixed clocks start. */
  readonly at?: bigint;
  readonly random?: boolean;
  /** The network's rules, and what they are about; nothing is granted by default. */
  readonly egress?: {
    readonly rules: EgressRules;
    readonly stack: () => Promise<NetworkStack>;
    /** Nanoseconds of its steady clock; the machine's by default. */
    readonly now?: () => number;
  };
}

/** A record that the guard made: what was denied, limited or used first. */
export interface TestRecord {
  readonly kind: 'used' | 'denied' | 'limited';
  readonly grant: string | undefined;
  readonly request: Request;
}

export interface TestHost {
  readonly host: Host;
  readonly records: readonly TestRecord[];
  readonly abort: AbortController;
  readonly stdout: () => string;
  readonly stderr: () => string;
}

/** A host made of the real parts without an engine: for tests of a shim on its own. */
export function testHost(options: TestHostOptions = {}): TestHost {
  const records: TestRecord[] = [];
  const guard = new Guard(
    {
      used: (grant, request) => void records.push({ kind: 'used', grant: grant.id, request }),
      denied: (grant, request) => void records.push({ kind: 'denied', grant: grant?.id, request }),
      owned: () => undefined,
      limited: (limit, _value, request) =>
        void records.push({ kind: 'limited', grant: limit, request: request as Request }),
    },
    'first',
  );
  const meter = new Meter({ ...DEFAULT_LIMITS, ...options.limits });
  const abort = new AbortController();
  const clocks = clocksOf(options, guard, abort.signal);
  const output = { stdout: new Collector(), stderr: new Collector() };
  const mounts = (options.mounts ?? [{ path: '/' }]).map((mount) => mountOf(mount, () => clocks.wall.peek()));
  const random =
    options.random === false
      ? ({ kind: 'absent' } as const)
      : ({ kind: 'secure', grant: grantOf('random', 'random') } as const);
  const network: NetworkContext = {
    rules: options.egress?.rules ?? { http: [], sockets: [], dns: [] },
    stack: () => options.egress?.stack() ?? nodeMachine.openNetwork({}),
    guard,
    meter,
    now: options.egress?.now ?? (() => nodeMachine.monotonicNow()),
    signal: abort.signal,
  };
  const host: Host = {
    guard,
    meter,
    clocks,
    filesystem: new Filesystem(mounts, guard, meter),
    random: makeRandom(random, guard, meter, nodeMachine),
    network: new InstanceNetwork(network),
    http: new GuardedHttpClient(network),
    preopenedSockets: [],
    arguments: options.args ?? [],
    environment: options.env ?? [],
    stdin:
      options.stdin === false
        ? new DeniedInput(guard)
        : new GuardedInput(
            nodeMachine.openInput(options.stdin ?? 'ignore'),
            grantOf('stdin', 'stdio'),
            guard,
            meter,
          ),
    stdout:
      options.stdout === false
        ? new DeniedOutput(guard, 'stdout')
        : guardedOutput('stdout', options.stdout ?? output.stdout, guard, meter),
    stderr: guardedOutput('stderr', output.stderr, guard, meter),
    signal: abort.signal,
  };
  return { host, records, abort, stdout: () => output.stdout.text(), stderr: () => output.stderr.text() };
}

class Collector implements ByteSink {
  readonly #chunks: Uint8Array[] = [];

  write(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString();
  }
}

function grantOf(id: string, section: Section, access: number = GRANTED): Grant {
  return new Grant(id, section, access, {});
}

function mountOf(mount: TestMount, now: () => bigint): Mount {
  const { path, access = ACCESS_WORDS, content, rules = {} } = mount;
  const grant = grantOf(path, 'filesystem', accessBits(access));
  return new Mount(path, grant, mount.volume ?? new MemoryVolume({ now, content }), rules);
}

function guardedOutput(name: 'stdout' | 'stderr', sink: ByteSink, guard: Guard, meter: Meter): GuardedOutput {
  const options = { name, bytes: Infinity } as const;
  return new GuardedOutput(nodeMachine.openOutput(sink, name), grantOf(name, 'stdio'), guard, meter, options);
}

function clocksOf(
  { clocks: kind = 'real', at = 0n }: TestHostOptions,
  guard: Guard,
  signal: AbortSignal,
): Host['clocks'] {
  const source = (id: string): ClockSource => {
    if (kind === 'absent') return { kind };
    const grant = grantOf(id, 'clocks');
    return kind === 'real' ? { kind, grant, resolution: 1 } : { kind, grant, at };
  };
  return makeClocks(source('clocks/wall'), source('clocks/monotonic'), guard, nodeMachine, signal);
}
