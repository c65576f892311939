import { expect } from 'vitest';
import {
  AuditLog,
  type AuditRecord,
  Engine,
  type Instance,
  type InstantiateOptions,
  MemorySink,
  type RunResult,
} from '../../src/index.ts';
import { guest } from '../guests/index.ts';
import { p3LibcGuest } from '../guests/p3.ts';

/** The same C source as a module of WASI 0.1 and as a component of 0.2 and of 0.3: for `describe.each`. */
export const WASI_VERSIONS = [
  ['0.1', 'module'],
  ['0.2', 'component'],
  ['0.3', 'p3'],
] as const;

export type GuestKind = (typeof WASI_VERSIONS)[number][1];

type AuditLevel = 'grants' | 'denials' | 'uses';

/** What the C guests need to be told what to do and to say what happened. */
export const TALKING = {
  version: 1,
  arguments: true,
  stdio: { stdin: true, stdout: true, stderr: true },
} as const;

export interface GuestOptions extends Partial<InstantiateOptions> {
  /** Sections beside those of {@link TALKING}; they replace the section of the same name. */
  readonly grant?: Readonly<Record<string, unknown>>;
  /** Words of argv after the program's name, separated by single spaces; `args` for words that have spaces. */
  readonly line?: string;
}

/** A guest that is open and has not run yet. */
export interface OpenGuest {
  readonly instance: Instance;
  /** Everything that the log has of this instance. */
  readonly records: () => readonly AuditRecord[];
  readonly stdout: Collector;
  readonly stderr: Collector;
  /** Runs it to its end and checks what holds for every run: {@link checkLog}. */
  readonly run: () => Promise<GuestRun>;
}

export interface GuestRun extends RunResult {
  readonly stdout: string;
  readonly stderr: string;
  /** Lines of standard output. */
  readonly lines: readonly string[];
  readonly records: readonly AuditRecord[];
  /** @returns what the first `name=…` line says */
  readonly value: (name: string) => string | undefined;
  /** @returns the records of one kind */
  readonly of: <K extends AuditRecord['kind']>(kind: K) => readonly Extract<AuditRecord, { kind: K }>[];
}

/** One for all tests of a file: programs hold no state. */
export const engine: Engine = new Engine({ cache: false });

/** Keeps what it is given. */
export class Collector {
  readonly chunks: Uint8Array[] = [];

  write(chunk: Uint8Array): unknown {
    this.chunks.push(chunk);
    return undefined;
  }

  text(): string {
    return Buffer.concat(this.chunks).toString();
  }
}

/** Opens a C guest of test/guests/c, or a program given as bytes. */
export async function openGuest(
  source: string | Uint8Array,
  kind: GuestKind,
  options: GuestOptions = {},
): Promise<OpenGuest> {
  const bytes = typeof source === 'string' ? await buildGuest(source, kind) : source;
  const program = await engine.compile(bytes, {
    name: typeof source === 'string' ? `${source}.wasm` : 'guest.wasm',
  });
  const { grant, line, ...rest } = options;
  const stdout = new Collector();
  const stderr = new Collector();
  const audit = options.audit ?? new AuditLog([new MemorySink()]);
  const instance = await program.instantiate({
    policy: { ...TALKING, ...grant },
    tenant: 'tester',
    stdout,
    stderr,
    ...(line === undefined ? {} : { args: line.split(' ') }),
    ...rest,
    audit,
  });
  const records = (): readonly AuditRecord[] =>
    audit.records.filter((record) => record.instance === instance.id);
  return {
    instance,
    records,
    stdout,
    stderr,
    run: async () => {
      const result = await instance.run();
      const run = describeRun(result, { records: records(), stdout: stdout.text(), stderr: stderr.text() });
      const { audit: auditing } = (options.grant ?? {}) as { audit?: { level: AuditLevel } };
      checkLog(run, auditing?.level ?? 'denials', secretsOf(options));
      return run;
    },
  };
}

/** A C guest of test/guests/c for one version of WASI. */
export async function buildGuest(source: string, kind: GuestKind): Promise<Uint8Array> {
  return kind === 'p3' ? p3LibcGuest(source) : (await guest(source))[kind];
}

/** Opens a guest and runs it to its end. */
export async function runGuest(
  source: string | Uint8Array,
  kind: GuestKind,
  options: GuestOptions = {},
): Promise<GuestRun> {
  return (await openGuest(source, kind, options)).run();
}

function describeRun(
  result: RunResult,
  { records, stdout, stderr }: { records: readonly AuditRecord[]; stdout: string; stderr: string },
): GuestRun {
  const lines = stdout.split('\n').filter((line) => line !== '');
  return {
    ...result,
    stdout,
    stderr,
    lines,
    records,
    value: (name) => lines.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1),
    of: (kind) => records.filter((record): record is never => record.kind === kind),
  };
}

/**
 * What must hold of the log whatever the guest did: it opens and closes once, numbers have no gap, what was granted, used
 * and denied adds up, nothing is on record twice, and nothing secret is on record at all.
 */
export function checkLog(run: GuestRun, level: AuditLevel, secrets: readonly string[]): void {
  const { records } = run;
  const opened = run.of('instance-opened');
  const closed = run.of('instance-closed');
  expect(opened).toHaveLength(1);
  expect(closed).toHaveLength(1);
  expect(records[0]?.kind).toBe('instance-opened');
  expect(records.at(-1)?.kind).toBe('instance-closed');
  expect(new Set(records.map(({ tenant }) => tenant)).size).toBe(1);
  const order = records.map(({ seq }) => seq);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  const [end] = closed;
  expect(end?.usage).toEqual(run.usage);
  expect(end?.outcome.kind).toBe(run.outcome.kind);
  expect(end?.denials.distinct).toBe(run.of('denial').length);
  expect(Object.keys(end?.uses ?? {})).toEqual(opened[0]?.grants.map(({ id }) => id));
  for (const kind of ['denial', 'limit'] as const) expectNoRepeats(kind, run.of(kind));
  checkUses(run, level);
  const text = JSON.stringify(records);
  for (const secret of secrets) expect(text).not.toContain(secret);
}

/** Uses are on record as the policy's audit level says. */
function checkUses(run: GuestRun, level: AuditLevel): void {
  const recorded = run.of('grant-used');
  const folded = run.of('uses-folded').flatMap(({ uses }) => uses);
  const foldedOf = (id: string): number =>
    folded.filter(({ grant }) => grant === id).reduce((sum, { count }) => sum + count, 0);
  if (level === 'denials') expectNoRepeats('grant-used', recorded);
  for (const [id, uses] of Object.entries(run.of('instance-closed')[0]?.uses ?? {})) {
    const count = recorded.filter(({ grant }) => grant === id).length;
    if (level === 'grants') expect(count, `recorded uses of ${id}`).toBe(0);
    else if (level === 'uses') expect(count + foldedOf(id), `recorded uses of ${id}`).toBe(uses);
    else expect(count > 0, `a use of ${id} is on record`).toBe(uses > 0);
  }
}

function expectNoRepeats(kind: string, records: readonly AuditRecord[]): void {
  const told = records.map(({ seq: _seq, time: _time, monotonic: _monotonic, ...rest }) =>
    JSON.stringify(rest),
  );
  expect(new Set(told).size, `${kind} records without repeats`).toBe(told.length);
}

/** What the embedder binds is never on record: host directories, values of variables. */
function secretsOf({ bindings, grant }: GuestOptions): string[] {
  const values = Object.values((grant?.['environment'] ?? {}) as Record<string, unknown>);
  return [
    ...Object.values(bindings?.directories ?? {}),
    ...Object.values(bindings?.environment ?? {}),
    ...values,
  ].filter((value) => typeof value === 'string' && value.length > 2) as string[];
}
