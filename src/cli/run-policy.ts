import { dirname, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { normalizePolicy, parsePolicy, type Policy } from '../policy/index.ts';
import type { CliIo } from './io.ts';
import type { RunFlags } from './run-flags.ts';

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
export async function makeRunPolicy(flags: RunFlags, io: CliIo): Promise<RunPolicy> {
  const { policy: base, relativeTo } = await readBase(flags.policy ?? 'preset:command', io);
  const policy = normalizePolicy({
    ...base,
    filesystem: [...base.filesystem, ...flags.directories.map((flag, index) => toRule(flag, index, io.cwd))],
    environment: { ...base.environment, ...toEnvironment(flags) },
    limits: {
      ...base.limits,
      ...(flags.timeout === undefined ? {} : { deadline: flags.timeout }),
      ...(flags.maxMemory === undefined ? {} : { memory: /^\d+$/.test(flags.maxMemory) ? Number(flags.maxMemory) : flags.maxMemory }),
    },
  });
  return { policy, relativeTo };
}

async function readBase(name: string, io: CliIo): Promise<RunPolicy> {
  if (name.startsWith('preset:')) return { policy: normalizePolicy({ version: 1, extends: [name] }), relativeTo: io.cwd };
  const path = resolve(io.cwd, name);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(await io.readFile(path));
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'not valid UTF-8';
    throw new UsageError('BW_POLICY_UNREADABLE', `The policy ${JSON.stringify(name)} cannot be read: ${code}.`, {
      cause,
      hint: 'Name a file or a preset: --policy preset:command',
    });
  }
  return { policy: parsePolicy(text, { file: name }), relativeTo: dirname(path) };
}

/** Absolute, so that it does not matter where the policy file lies. */
function toRule(flag: RunFlags['directories'][number], index: number, cwd: string): object {
  return { id: `dir-${index}`, mount: flag.guest, host: resolve(cwd, flag.host), access: flag.readOnly ? 'read' : 'read-write' };
}

function toEnvironment(flags: RunFlags): Record<string, unknown> {
  return Object.fromEntries(flags.environment.map(({ name, value }) => [name, value ?? { from: 'host' }]));
}
