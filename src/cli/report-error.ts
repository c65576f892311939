import type { BailiwickError } from '../errors.ts';
import type { CliIo } from './io.ts';

/** Prints an error of ours: what, where, what was expected, and the hint. Colours only on a terminal. */
export function reportError(io: CliIo, error: BailiwickError): void {
  const color = io.stderr.isTTY === true && io.env['NO_COLOR'] === undefined;
  const label = color ? '\u001b[31merror\u001b[0m' : 'error';
  io.stderr.write(`bailiwick: ${label}[${error.code}]: ${error.message}\n`);
  if (error.hint !== undefined) io.stderr.write(`  hint: ${error.hint}\n`);
}
