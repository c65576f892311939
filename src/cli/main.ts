import { BailiwickError } from '../errors.ts';
import { HELP } from './help.ts';
import { inspectCommand } from './inspect.ts';
import { type CliIo, processIo } from './io.ts';
import { policyCheck } from './policy-check.ts';
import { policyNew } from './policy-new.ts';
import { reportError, reportFault } from './report-error.ts';
import { runCommand } from './run.ts';
import { serveCommand } from './serve.ts';
import { version } from './version.ts';

/** As in env(1) and timeout(1): the command itself failed, not the program that it was to run. */
export const OWN_FAILURE = 125;

type Command = (args: readonly string[], io: CliIo) => Promise<number>;

const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['run', runCommand],
  ['serve', serveCommand],
  ['inspect', inspectCommand],
  ['policy check', policyCheck],
  ['policy new', policyNew],
]);

const GENERAL_HELP: ReadonlySet<string> = new Set(['', '--help', '-h', 'help', 'policy --help', 'policy -h']);

/** Runs the command line. @returns the exit code; errors of ours are 125. */
export async function main(args: readonly string[], io: CliIo = processIo): Promise<number> {
  const words = args[0] === 'policy' ? 2 : 1;
  const name = args.slice(0, words).join(' ');
  if (GENERAL_HELP.has(name)) return print(io, HELP['']);
  if (name === '--version' || name === '-V') return print(io, `bailiwick ${version()}\n`);
  const command = COMMANDS.get(name);
  if (command === undefined) {
    io.stderr.write(
      `bailiwick: there is no command ${JSON.stringify(name)}.\n  hint: ${[...COMMANDS.keys()].join(', ')}; see \`bailiwick --help\`.\n`,
    );
    return OWN_FAILURE;
  }
  const rest = args.slice(words);
  if (rest[0] === '--help' || rest[0] === '-h') return print(io, HELP[name as keyof typeof HELP]);
  try {
    return await command(rest, io);
  } catch (error) {
    if (error instanceof BailiwickError) reportError(io, error);
    else reportFault(io, error);
    return OWN_FAILURE;
  }
}

function print(io: CliIo, text: string): number {
  io.stdout.write(text);
  return 0;
}
