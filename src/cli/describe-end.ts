import type { AuditRecord, RunResult } from '../index.ts';
import type { CliIo } from './io.ts';
import type { RunFlags } from './run-flags.ts';

/** Denials that are shown; the log has them all. */
const SHOWN = 5;

/** Tells on standard error why a run did not simply exit, and what was denied when it failed. */
export function describeEnd(
  io: CliIo,
  name: string,
  result: RunResult,
  records: readonly AuditRecord[],
  flags: RunFlags,
): void {
  const { outcome } = result;
  switch (outcome.kind) {
    case 'trap':
      io.stderr.write(`bailiwick: ${name} trapped: ${outcome.reason}\n`);
      break;
    case 'limit':
      io.stderr.write(
        `bailiwick: ${name} passed ${outcome.limit} (${flags.timeout ?? `${outcome.value} ns`})\n`,
      );
      break;
    case 'cancelled':
      io.stderr.write(`bailiwick: ${name} was interrupted\n`);
      break;
    case 'host-error':
      io.stderr.write(
        `bailiwick: a host function failed: ${outcome.error instanceof Error ? outcome.error.message : String(outcome.error)}\n`,
      );
      break;
    case 'exit':
      break;
  }
  if (result.exitCode !== 0) describeDenials(io, records, flags);
}

function describeDenials(io: CliIo, records: readonly AuditRecord[], flags: RunFlags): void {
  const denials = records.filter((record) => record.kind === 'denial');
  for (const denial of denials.slice(0, SHOWN)) {
    const { section, access } = denial.missing;
    const wanted = access === undefined || access.length === 0 ? section : `${section} ${access.join('+')}`;
    const rule = denial.grant === null ? '' : `, rule ${denial.grant}`;
    io.stderr.write(
      `bailiwick: denied ${denial.operation} ${JSON.stringify(denial.subject)} (needs ${wanted}${rule})\n`,
    );
  }
  const rest = denials.length - SHOWN;
  if (rest > 0)
    io.stderr.write(
      `bailiwick: and ${rest} more denials${flags.audit === undefined ? '; --audit FILE keeps them' : ` in ${flags.audit}`}\n`,
    );
}
