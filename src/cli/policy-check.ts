import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { UsageError } from '../errors.ts';
import { canonicalPolicy, formatProblem, PolicyError, printPolicy } from '../policy/index.ts';
import type { Policy } from '../policy/index.ts';
import type { CliIo } from './io.ts';
import { loadPolicy } from './policy-load.ts';

/** As in env(1): the command failed, not a program. */
const INVALID = 125;

/**
 * `bailiwick policy check [--json] FILE`: prints the normal form, or every problem with its place.
 *
 * With `--json` standard output is one object: `{ valid: true, digest, policy }` or `{ valid: false, problems }`.
 */
export async function policyCheck(args: readonly string[], io: CliIo): Promise<number> {
  const { file, json } = parseFlags(args);
  try {
    const policy = await loadPolicy(file, io);
    io.stdout.write(json ? toJson({ valid: true, digest: digestOf(policy), policy }) : printPolicy(policy));
    return 0;
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    if (json) io.stdout.write(toJson({ valid: false, problems: error.problems }));
    for (const problem of error.problems) io.stderr.write(`${formatProblem(problem)}\n`);
    return INVALID;
  }
}

function parseFlags(args: readonly string[]): { readonly file: string; readonly json: boolean } {
  try {
    const options = { json: { type: 'boolean' } } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [file] = positionals;
    if (file === undefined || positionals.length > 1)
      throw new Error(`expected one policy, found ${positionals.length}`);
    return { file, json: values.json === true };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError('BW_USAGE', message, { cause, hint: 'bailiwick policy check [--json] FILE' });
  }
}

function digestOf(policy: Policy): string {
  return createHash('sha256').update(canonicalPolicy(policy)).digest('hex');
}

function toJson(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
