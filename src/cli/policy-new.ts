import { UsageError } from '../errors.ts';
import { PRESET_PREFIX, PRESETS } from '../policy/index.ts';
import type { CliIo } from './io.ts';

/** Where the presets find the schema, and where a policy in a project that has bailiwick installed does. */
const OWN_SCHEMA = '"$schema": "../policy.schema.json"';
const INSTALLED_SCHEMA = '"$schema": "./node_modules/bailiwick/policies/policy.schema.json"';

/** `bailiwick policy new [PRESET]`: prints a preset with its comments, as a policy to start from. */
export async function policyNew(args: readonly string[], io: CliIo): Promise<number> {
  const [name = 'command', ...rest] = args;
  const text = PRESETS.get(name.startsWith(PRESET_PREFIX) ? name.slice(PRESET_PREFIX.length) : name);
  if (text === undefined || rest.length > 0) {
    const found = rest.length > 0 ? `${args.length} arguments` : JSON.stringify(name);
    throw new UsageError('BW_USAGE', `Expected the name of one preset, found ${found}.`, {
      hint: `The presets are ${[...PRESETS.keys()].join(', ')}.`,
    });
  }
  io.stdout.write(text.replace(OWN_SCHEMA, INSTALLED_SCHEMA));
  return 0;
}
