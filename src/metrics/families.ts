import type { EngineMetrics, TenantMetrics } from '../engine/metrics.ts';

/** One number, and the labels that tell it from others of its family. */
export interface Sample {
  readonly value: number;
  readonly labels: Labels;
}

export type Labels = Readonly<Record<string, string>>;

/** Numbers of one kind, in the words of both worlds. */
export interface Family {
  /** As Prometheus has it: with its unit, and `_total` where it only grows. */
  readonly name: string;
  /** As OpenTelemetry has it: without a unit. */
  readonly instrument: string;
  /** Of UCUM, as OpenTelemetry asks for. */
  readonly unit: string;
  readonly help: string;
  /** A counter only grows, a gauge does not. */
  readonly type: 'counter' | 'gauge';
  readonly read: (metrics: EngineMetrics) => readonly Sample[];
}

/** Kinds of bytes, as a label names them. */
const BYTES = [
  ['file_read', 'fileBytesRead'],
  ['file_written', 'fileBytesWritten'],
  ['network_sent', 'networkBytesSent'],
  ['network_received', 'networkBytesReceived'],
  ['stdin', 'stdinBytes'],
  ['stdout', 'stdoutBytes'],
  ['stderr', 'stderrBytes'],
  ['random', 'randomBytes'],
] as const satisfies readonly (readonly [kind: string, count: keyof TenantMetrics])[];

const NANOSECONDS = 1e9;

/** All that an engine tells about itself. */
export const FAMILIES: readonly Family[] = [
  {
    name: 'bailiwick_instances',
    instrument: 'bailiwick.instances',
    unit: '{instance}',
    help: 'Instances that there are.',
    type: 'gauge',
    read: ofTenants(({ live }) => live),
  },
  {
    name: 'bailiwick_instances_started_total',
    instrument: 'bailiwick.instances.started',
    unit: '{instance}',
    help: 'Starts of instances, those that came to nothing included.',
    type: 'counter',
    read: ofTenants(({ started }) => started),
  },
  {
    name: 'bailiwick_instances_ended_total',
    instrument: 'bailiwick.instances.ended',
    unit: '{instance}',
    help: 'Instances that ended, by how: exit, trap, limit (and which), denied-at-start, cancelled, host-error.',
    type: 'counter',
    read: ({ tenants }) => tenants.flatMap(endsOf),
  },
  {
    name: 'bailiwick_fuel_total',
    instrument: 'bailiwick.fuel',
    unit: '{unit}',
    help: 'Units that metered guests executed.',
    type: 'counter',
    read: ofTenants(({ fuel }) => fuel),
  },
  {
    name: 'bailiwick_cpu_seconds_total',
    instrument: 'bailiwick.cpu.time',
    unit: 's',
    help: 'Time that metered guests computed.',
    type: 'counter',
    read: ofTenants(({ cpuTime }) => cpuTime / NANOSECONDS),
  },
  {
    name: 'bailiwick_calls_total',
    instrument: 'bailiwick.calls',
    unit: '{call}',
    help: 'Calls of guests: of commands, of exports, with requests.',
    type: 'counter',
    read: ofTenants(({ calls }) => calls),
  },
  {
    name: 'bailiwick_bytes_total',
    instrument: 'bailiwick.io',
    unit: 'By',
    help: 'Bytes that went into guests and out of them, by kind.',
    type: 'counter',
    read: ({ tenants }) => tenants.flatMap(bytesOf),
  },
  {
    name: 'bailiwick_denials_total',
    instrument: 'bailiwick.denials',
    unit: '{request}',
    help: 'Requests of guests that were denied.',
    type: 'counter',
    read: ofTenants(({ denials }) => denials),
  },
  {
    name: 'bailiwick_memory_bytes',
    instrument: 'bailiwick.memory',
    unit: 'By',
    help: 'Linear memory of the instances that there are.',
    type: 'gauge',
    read: ofTenants(({ memory }) => memory),
  },
  {
    name: 'bailiwick_handles',
    instrument: 'bailiwick.handles',
    unit: '{handle}',
    help: 'Descriptors, streams and other resources that instances have open.',
    type: 'gauge',
    read: ofTenants(({ handles }) => handles),
  },
  {
    name: 'bailiwick_places_taken',
    instrument: 'bailiwick.places.taken',
    unit: '{place}',
    help: 'Places of the engine that instances take, one for each linear memory.',
    type: 'gauge',
    read: ({ places }) => [{ value: places.taken, labels: {} }],
  },
  {
    name: 'bailiwick_places_limit',
    instrument: 'bailiwick.places.limit',
    unit: '{place}',
    help: 'Places that the engine has.',
    type: 'gauge',
    read: ({ places }) => [{ value: places.limit, labels: {} }],
  },
  {
    name: 'bailiwick_starts_waiting',
    instrument: 'bailiwick.starts.waiting',
    unit: '{instance}',
    help: 'Starts that wait for a place.',
    type: 'gauge',
    read: ({ waiting }) => [{ value: waiting, labels: {} }],
  },
  {
    name: 'bailiwick_programs_compiled_total',
    instrument: 'bailiwick.programs.compiled',
    unit: '{program}',
    help: 'Programs that were compiled, or taken from the cache on disk.',
    type: 'counter',
    read: ({ programsCompiled }) => [{ value: programsCompiled, labels: {} }],
  },
];

function ofTenants(value: (tenant: TenantMetrics) => number): Family['read'] {
  return ({ tenants }) => tenants.map((each) => ({ value: value(each), labels: { tenant: each.tenant } }));
}

function endsOf({ tenant, ended }: TenantMetrics): readonly Sample[] {
  return ended.map(({ outcome, limit, count }) => ({
    value: count,
    labels: { tenant, outcome, ...(limit !== undefined && { limit }) },
  }));
}

function bytesOf(metrics: TenantMetrics): readonly Sample[] {
  const { tenant } = metrics;
  return BYTES.map(([kind, count]) => ({ value: metrics[count], labels: { tenant, kind } }));
}
