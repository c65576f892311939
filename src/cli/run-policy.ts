import { dirname, resolve } from 'node:path';
import { ACCESS_WORDS, normalizePolicy, type Policy, PRESET_PREFIX } from '../policy/index.ts';
import type { CliIo } from './io.ts';
import { loadPolicy } from './policy-load.ts';
import { type DirectoryMode, type GrantFlags, toSize } from './run-flags.ts';

/** The policy that `run` works under, and where its relative host paths start. */
export interface RunPolicy {
  readonly policy: Policy;
  readonly relativeTo: string;
}

/**
 * Makes the policy of a run: `--policy` (preset:command by default) and what the flags add. The flags are sugar: the
 * result is an ordinary policy, which `--print-policy` prints.
 *
 * @throws PolicyError, UsageError
 */
export async function makeRunPolicy(flags: GrantFlags, io: CliIo): Promise<RunPolicy> {
  const name = flags.policy ?? `${PRESET_PREFIX}command`;
  const base = await loadPolicy(name, io);
  const policy = normalizePolicy({
    ...base,
    filesystem: [...base.filesystem, ...flags.directories.map((flag, index) => toRule(flag, index, io.cwd))],
    http: [...base.http, ...flags.network.http],
    sockets: [...base.sockets, ...flags.network.sockets],
    dns: [...base.dns, ...flags.network.dns],
    environment: { ...base.environment, ...toEnvironment(flags) },
    limits: {
      ...base.limits,
      ...(flags.timeout === undefined ? {} : { deadline: flags.timeout }),
      ...(flags.maxMemory === undefined ? {} : { memory: toSize(flags.maxMemory) }),
    },
  });
  return { policy, relativeTo: dirname(resolve(io.cwd, name)) };
}

/**
 * Absolute, so that it does not matter where the policy file lies. Whoever gives a directory away on the command line gives
 * all of it, links included, as other runtimes' `--dir` does; a policy's "read-write" is for who wants less.
 */
function toRule(flag: GrantFlags['directories'][number], index: number, cwd: string): object {
  const source = resolve(cwd, flag.host);
  const reads = flag.mode === 'ro' || flag.mode === 'image';
  return {
    id: `dir-${index}`,
    mount: flag.guest,
    ...volumeOf(flag.mode, source),
    access: reads ? 'read' : ACCESS_WORDS,
  };
}

function volumeOf(mode: DirectoryMode, source: string): object {
  switch (mode) {
    case 'rw':
    case 'ro':
      return { host: source };
    case 'image':
      return { image: source };
    case 'memory':
      return { memory: { from: { host: source } } };
    case 'overlay':
      return { overlay: { lower: { host: source }, upper: { memory: {} } } };
  }
}

function toEnvironment(flags: GrantFlags): Record<string, unknown> {
  return Object.fromEntries(flags.environment.map(({ name, value }) => [name, value ?? { from: 'host' }]));
}
