import { GRANTED, Grant, type GrantSummary } from '../kernel/grant.ts';
import { Guard } from '../kernel/guard.ts';
import { Meter } from '../kernel/meter.ts';
import type { Recorder } from '../kernel/recorder.ts';
import type { Section } from '../kernel/request.ts';
import type { ClockSource } from '../virtual/clocks/make-clocks.ts';
import { makeClocks } from '../virtual/clocks/make-clocks.ts';
import type { Clocks } from '../virtual/clocks/clocks.ts';
import { Filesystem } from '../virtual/filesystem/filesystem.ts';
import type { Mount } from '../virtual/filesystem/mount.ts';
import type { Volume } from '../virtual/filesystem/volume.ts';
import type { Host } from '../virtual/host.ts';
import { GuardedHttpClient } from '../virtual/http/guarded-client.ts';
import type { InputStream, OutputStream } from '../virtual/io/streams.ts';
import type { InputSource, Machine, OutputTarget } from '../virtual/machine.ts';
import { InstanceNetwork } from '../virtual/network/instance-network.ts';
import type { TcpSocket } from '../virtual/network/network.ts';
import { makeRandom } from '../virtual/random/make-random.ts';
import { DeniedInput, DeniedOutput } from '../virtual/stdio/denied-streams.ts';
import { GuardedInput, GuardedOutput } from '../virtual/stdio/guarded-streams.ts';
import type { CompiledClock, CompiledPolicy } from './compiled-policy.ts';
import type { LoadedBindings } from './load-bindings.ts';
import { type OpenedMount, openMounts } from './open-mounts.ts';
import { openNetwork } from './open-network.ts';
import type { TenantBounds } from './tenants/tenant-bounds.ts';

/** What an instance brings besides its policy. */
export interface HostOptions {
  readonly policy: CompiledPolicy;
  readonly bindings: LoadedBindings;
  readonly arguments: readonly string[];
  readonly stdin: InputSource;
  readonly stdout: OutputTarget;
  readonly stderr: OutputTarget;
  readonly signal: AbortSignal;
  /** Bytes from which reads and writes of host files leave the thread. */
  readonly offThreadFrom: number | undefined;
  readonly tenant: TenantBounds;
}

/** A host and the grants that it was opened with. */
export interface OpenedHost {
  readonly host: Host;
  readonly grants: readonly Grant[];
  readonly mounts: readonly OpenedMount[];
  /** Filled before the program is linked. */
  readonly preopenedSockets: TcpSocket[];
}

/**
 * Builds the virtual host of one instance from its policy: one grant per rule, backed by the machine.
 *
 * @throws BindingError when something of the embedder's cannot be used; nothing stays open then
 */
export function openHost(options: HostOptions, recorder: Recorder, machine: Machine): OpenedHost {
  const builder = new HostBuilder(options, recorder, machine);
  try {
    return builder.build();
  } catch (error) {
    builder.close();
    throw error;
  }
}

class HostBuilder {
  readonly #options: HostOptions;
  readonly #machine: Machine;
  readonly #guard: Guard;
  readonly #meter: Meter;
  readonly #grants: Grant[] = [];
  readonly #volumes: Volume[] = [];
  readonly #preopenedSockets: TcpSocket[] = [];
  #mounts: readonly OpenedMount[] = [];

  constructor(options: HostOptions, recorder: Recorder, machine: Machine) {
    this.#options = options;
    this.#machine = machine;
    this.#guard = new Guard(recorder, options.policy.uses);
    this.#meter = new Meter(options.policy.limits);
  }

  build(): OpenedHost {
    const { bindings, signal } = this.#options;
    const clocks = this.#clocks();
    const argumentList = this.#arguments();
    const environment = this.#environment(bindings);
    const host: Host = {
      guard: this.#guard,
      meter: this.#meter,
      clocks,
      filesystem: new Filesystem(this.#openMounts(clocks), this.#guard, this.#meter),
      random: this.#random(),
      ...this.#openNetwork(bindings, signal),
      preopenedSockets: this.#preopenedSockets,
      get arguments() {
        return argumentList();
      },
      get environment() {
        return environment();
      },
      stdin: this.#stdin(),
      stdout: this.#output('stdout'),
      stderr: this.#output('stderr'),
      signal,
    };
    return { host, grants: this.#grants, mounts: this.#mounts, preopenedSockets: this.#preopenedSockets };
  }

  close(): void {
    for (const volume of this.#volumes) volume.close();
  }

  #grant(id: string, section: Section, summary: GrantSummary, access: number = GRANTED): Grant {
    const grant = new Grant(id, section, access, summary);
    this.#grants.push(grant);
    return grant;
  }

  #openMounts(clocks: Clocks): Mount[] {
    const { policy, bindings, offThreadFrom } = this.#options;
    const now = (): bigint => clocks.wall.peek();
    const machine = this.#machine;
    this.#mounts = openMounts(
      { policy, bindings, machine, offThreadFrom, now, tenantBytes: this.#options.tenant.bytes },
      this.#volumes,
    );
    const mounts = this.#mounts.map(({ mount }) => mount);
    this.#grants.push(...mounts.map(({ grant }) => grant));
    return mounts;
  }

  #openNetwork(bindings: LoadedBindings, signal: AbortSignal): Pick<Host, 'network' | 'http'> {
    const { policy, tenant } = this.#options;
    const { rules, grants, stack } = openNetwork(policy.network, bindings, this.#machine, { signal, tenant });
    this.#grants.push(...grants);
    const now = (): number => this.#machine.monotonicNow();
    const context = { rules, stack, guard: this.#guard, meter: this.#meter, now, signal };
    return { network: new InstanceNetwork(context), http: new GuardedHttpClient(context) };
  }

  #clocks(): Clocks {
    const { wall, monotonic } = this.#options.policy;
    return makeClocks(
      this.#clock('clocks/wall', wall),
      this.#clock('clocks/monotonic', monotonic),
      this.#guard,
      this.#machine,
      this.#options.signal,
    );
  }

  #clock(id: string, clock: CompiledClock): ClockSource {
    switch (clock.kind) {
      case 'absent':
        return clock;
      case 'real':
        return { ...clock, grant: this.#grant(id, 'clocks', { resolution: clock.resolution }) };
      default:
        return { ...clock, grant: this.#grant(id, 'clocks', { [clock.kind]: String(clock.at) }) };
    }
  }

  #random(): Host['random'] {
    const { policy, seedKey } = this.#options.policy;
    if (policy.random === false)
      return makeRandom({ kind: 'absent' }, this.#guard, this.#meter, this.#machine);
    const kind = seedKey === undefined ? 'secure' : 'seeded';
    const grant = this.#grant('random', 'random', { kind });
    const source =
      seedKey === undefined
        ? ({ kind: 'secure', grant } as const)
        : ({ kind: 'seeded', grant, key: seedKey } as const);
    return makeRandom(source, this.#guard, this.#meter, this.#machine);
  }

  #environment(bindings: LoadedBindings): () => Host['environment'] {
    const entries = [...bindings.environment];
    if (entries.length === 0) return () => [];
    // Names only: values may be what the tenant keeps secret.
    const grant = this.#grant('environment', 'environment', { names: entries.map(([name]) => name) });
    return () => (this.#guard.admit(grant, GRANTED, 'get-environment', 'environment') ? entries : []);
  }

  #arguments(): () => readonly string[] {
    if (!this.#options.policy.policy.arguments) return () => [];
    const { arguments: list } = this.#options;
    const grant = this.#grant('arguments', 'arguments', { count: list.length });
    return () => (this.#guard.admit(grant, GRANTED, 'get-arguments', 'arguments') ? list : []);
  }

  #stdin(): InputStream {
    if (!this.#options.policy.policy.stdio.stdin) return new DeniedInput(this.#guard);
    const grant = this.#grant('stdio/stdin', 'stdio', {});
    return new GuardedInput(this.#machine.openInput(this.#options.stdin), grant, this.#guard, this.#meter);
  }

  #output(name: 'stdout' | 'stderr'): OutputStream {
    const setting = this.#options.policy.policy.stdio[name];
    if (setting === false) return new DeniedOutput(this.#guard, name);
    const bytes = setting === true ? Infinity : setting.bytes;
    const grant = this.#grant(`stdio/${name}`, 'stdio', bytes === Infinity ? {} : { bytes });
    return new GuardedOutput(
      this.#machine.openOutput(this.#options[name], name),
      grant,
      this.#guard,
      this.#meter,
      { name, bytes },
    );
  }
}
