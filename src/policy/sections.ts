import { bareObject } from './bare.ts';
import { parseBytes } from './bytes.ts';
import { parseDuration } from './duration.ts';
import { readBudget, readQuota } from './bounds.ts';
import { readFilesystem } from './filesystem.ts';
import { readDns } from './dns.ts';
import { readHttp } from './http.ts';
import type { RuleSection, UnnamedRules } from './rules.ts';
import { readSockets } from './sockets.ts';
import type { Path, Report } from './source.ts';
import { readDuration, readInstant } from './times.ts';
import { quote } from './text.ts';
import type { ClockGrant, OutputGrant, Policy, PolicyLimits, RandomGrant, VariableGrant } from './types.ts';
import { asInteger, asString, compact, isObject, readUnit } from './values.ts';
import type { JsonObject } from './values.ts';
import { DEFAULT_AUDIT_LEVEL } from './words.ts';

/** What one document says, normalised; a section that it does not have is not here either. */
export type Sections = Partial<Omit<Policy, 'version' | RuleSection>> & {
  readonly [S in RuleSection]?: readonly UnnamedRules[S][];
};

/** Reports what the schema cannot see. What it gives counts only when nothing was reported, here or by the schema. */
export function readSections(document: JsonObject, report: Report): Sections {
  const { random, limits, audit } = document;
  const sections: { readonly [K in keyof Sections]: Sections[K] | undefined } = {
    $schema: asString(document['$schema']),
    name: asString(document['name']),
    description: asString(document['description']),
    filesystem: readFilesystem(document['filesystem'], report),
    http: readHttp(document['http'], report),
    sockets: readSockets(document['sockets'], report),
    dns: readDns(document['dns'], report),
    network: document['network'] === 'virtual' ? 'virtual' : undefined,
    clocks: readClocks(document['clocks'], report),
    random: isObject(random)
      ? Object.freeze({ seed: asString(random['seed']) ?? '' })
      : (random as RandomGrant | undefined),
    environment: readEnvironment(document['environment'], report),
    arguments: document['arguments'] as boolean | undefined,
    stdio: readStdio(document['stdio'], report),
    limits: isObject(limits) ? readLimits(limits, report) : undefined,
    audit: isObject(audit)
      ? Object.freeze({ level: (audit['level'] as undefined) ?? DEFAULT_AUDIT_LEVEL })
      : undefined,
  };
  return compact<Sections>(sections, bareObject());
}

function readClocks(clocks: unknown, report: Report): Policy['clocks'] | undefined {
  if (!isObject(clocks)) return undefined;
  return Object.freeze({
    wall: readClock(clocks['wall'], ['clocks', 'wall'], report),
    monotonic: readClock(clocks['monotonic'], ['clocks', 'monotonic'], report),
  });
}

function readClock(clock: unknown, path: Path, report: Report): ClockGrant {
  if (!isObject(clock)) return false;
  const resolution = readDuration(clock['resolution'], [...path, 'resolution'], report);
  const fixed = readInstant(clock['fixed'], [...path, 'fixed'], report);
  const virtual = readInstant(clock['virtual'], [...path, 'virtual'], report);
  if (resolution !== undefined) return Object.freeze({ resolution });
  if (fixed !== undefined) return Object.freeze({ fixed });
  return virtual === undefined ? false : Object.freeze({ virtual });
}

function readEnvironment(environment: unknown, report: Report): Policy['environment'] | undefined {
  if (!isObject(environment)) return undefined;
  const variables = Object.create(null) as Record<string, VariableGrant>;
  for (const [name, value] of Object.entries(environment)) {
    if (typeof value === 'string') {
      // A guest reads its variables as C strings: what follows a NUL would silently be gone.
      if (value.includes('\0'))
        report({ path: ['environment', name], what: 'NUL in a value', found: quote(value) });
      variables[name] = value;
    } else {
      variables[name] = FROM_HOST;
    }
  }
  return Object.freeze(variables);
}

const FROM_HOST: VariableGrant = Object.freeze({ from: 'host' });

function readStdio(stdio: unknown, report: Report): Policy['stdio'] | undefined {
  if (!isObject(stdio)) return undefined;
  return Object.freeze({
    stdin: stdio['stdin'] === true,
    stdout: readOutput(stdio['stdout'], ['stdio', 'stdout'], report),
    stderr: readOutput(stdio['stderr'], ['stdio', 'stderr'], report),
  });
}

function readOutput(output: unknown, path: Path, report: Report): OutputGrant {
  if (!isObject(output)) return output === true;
  return Object.freeze({ bytes: readUnit(output['bytes'], [...path, 'bytes'], report, parseBytes) ?? 0 });
}

function readLimits(limits: JsonObject, report: Report): PolicyLimits {
  return compact<PolicyLimits>({
    memory: readUnit(limits['memory'], ['limits', 'memory'], report, parseBytes),
    fuel: asInteger(limits['fuel']),
    cpu: readDuration(limits['cpu'], ['limits', 'cpu'], report),
    slice: readSlice(limits['slice'], report),
    weight: asInteger(limits['weight']),
    deadline: readDuration(limits['deadline'], ['limits', 'deadline'], report),
    handles: asInteger(limits['handles']),
    tables: asInteger(limits['tables']),
    instances: asInteger(limits['instances']),
    filesystem: readFilesystemLimits(limits['filesystem'], report),
  });
}

/** Shorter ones would be spent on changing turns, longer ones hold everybody up. Nanoseconds. */
const SLICE = { min: 1_000_000n, max: 1_000_000_000n } as const;

function readSlice(slice: unknown, report: Report): string | undefined {
  const path: Path = ['limits', 'slice'];
  const duration = readDuration(slice, path, report);
  if (duration === undefined) return undefined;
  const value = parseDuration(duration);
  if (value < SLICE.min || value > SLICE.max)
    report({
      path,
      what: 'a slice that is too short or too long',
      found: quote(duration),
      expected: '1ms to 1s',
    });
  return duration;
}

function readFilesystemLimits(bounds: unknown, report: Report): PolicyLimits['filesystem'] | undefined {
  if (!isObject(bounds)) return undefined;
  const path: Path = ['limits', 'filesystem'];
  return compact<NonNullable<PolicyLimits['filesystem']>>({
    quota: readQuota(bounds['quota'], [...path, 'quota'], report),
    budget: readBudget(bounds['budget'], [...path, 'budget'], report),
  });
}
