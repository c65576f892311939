import { BailiwickError } from '../errors.ts';
import type { CliIo } from './io.ts';
import { terminalText } from './terminal-text.ts';

/** Prints an error of ours: what, where, what was expected, and the hint. Colours only on a terminal. Where a worker ended, that is it. */
export function reportError(io: CliIo, error: BailiwickError): void {
  if (isOfWorker(error.cause)) {
    reportError(io, error.cause);
    return;
  }
  const color = io.stderr.isTTY === true && io.env['NO_COLOR'] === undefined;
  const label = color ? '\u001b[31merror\u001b[0m' : 'error';
  io.stderr.write(`bailiwick: ${label}[${error.code}]: ${terminalText(error.message)}\n`);
  if (error.hint !== undefined) io.stderr.write(`  hint: ${terminalText(error.hint)}\n`);
}

/** @returns whether it says what became of the worker that the program ran in */
export function isOfWorker(error: unknown): error is BailiwickError {
  return error instanceof BailiwickError && error.code.startsWith('BW_ISOLATION_');
}

/** Prints an error that nobody foresaw: a fault of ours, so with everything that helps to find it. */
export function reportFault(io: CliIo, error: unknown): void {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  io.stderr.write(
    `bailiwick: this is a fault of bailiwick's own, please report it:\n${terminalText(what)}\n`,
  );
}
