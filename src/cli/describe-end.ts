import type { AuditRecord, RunResult } from '../index.ts';
import { describeLimit } from '../engine/outcome.ts';
import type { CliIo } from './io.ts';
import { isOfWorker } from './report-error.ts';
import type { RunFlags } from './run-flags.ts';
import { terminalText } from './terminal-text.ts';

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
  const end = describeOutcome(result.outcome);
  if (end !== undefined) io.stderr.write(`bailiwick: ${terminalText(`${name} ${end}`)}\n`);
  if (result.exitCode !== 0) describeDenials(io, records, flags);
}

function describeOutcome(outcome: RunResult['outcome']): string | undefined {
  switch (outcome.kind) {
    case 'exit':
      return undefined;
    case 'trap':
      return `trapped: ${outcome.reason}`;
    case 'limit':
      return `passed ${describeLimit(outcome)}`;
    case 'cancelled':
      return 'was interrupted';
    case 'host-error': {
      const { error } = outcome;
      if (isOfWorker(error)) return `was lost: error[${error.code}]: ${error.message}`;
      return `called a host function that failed: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
}

function describeDenials(io: CliIo, records: readonly AuditRecord[], flags: RunFlags): void {
  const denials = records.filter((record) => record.kind === 'denial');
  for (const denial of denials.slice(0, SHOWN)) {
    io.stderr.write(
      `bailiwick: denied ${denial.operation} ${JSON.stringify(denial.subject)} (${reasonOf(denial)})\n`,
    );
  }
  const rest = denials.length - SHOWN;
  if (rest > 0)
    io.stderr.write(
      `bailiwick: and ${rest} more denials${flags.audit === undefined ? '; --audit FILE keeps them' : ` in ${flags.audit}`}\n`,
    );
}

function reasonOf({ grant, reason, missing: { section, access } }: DenialRecord): string {
  if (reason === 'address-forbidden')
    return `a name has an address that rule ${grant} does not allow: see \`addresses\``;
  const wanted = access === undefined || access.length === 0 ? section : `${section} ${access.join('+')}`;
  return `needs ${wanted}${grant === null ? '' : `, rule ${grant}`}`;
}

type DenialRecord = Extract<AuditRecord, { readonly kind: 'denial' }>;
