// What happened to a tenant, for people.
import type { AuditRecord, GrantRecord, Instance } from 'bailiwick';

const paint = (code: number, text: string): string =>
  process.stdout.isTTY ? `\u001b[${code}m${text}\u001b[0m` : text;

/** Prints what the tenant said, was granted, used and was denied, and what it cost. */
export function printTenant(
  tenant: string,
  instance: Instance,
  output: string,
  records: readonly AuditRecord[],
): void {
  console.log(`\n${paint(1, tenant)}`);
  for (const line of output.trimEnd().split('\n')) console.log(`  > ${line}`);
  for (const record of records.filter(({ instance: id }) => id === instance.id))
    printRecord(record, instance);
  const { outcome } = instance;
  const { wallTime, memory } = instance.usage();
  const end = outcome?.kind === 'exit' ? `exit code ${outcome.code}` : (outcome?.kind ?? 'running');
  console.log(
    `  ended    ${end}, after ${(wallTime / 1e6).toFixed(0)} ms, with ${(memory / 2 ** 20).toFixed(1)} MiB of memory`,
  );
}

function printRecord(record: AuditRecord, instance: Instance): void {
  switch (record.kind) {
    case 'instance-opened':
      for (const grant of record.grants) printGrant(grant, instance);
      break;
    case 'denial':
      console.log(paint(31, `  denied   ${describeDenial(record)}`));
      break;
    case 'limit':
      console.log(
        paint(
          33,
          `  limit    ${record.limit} (${record.value}) reached at ${JSON.stringify(record.subject)}`,
        ),
      );
      break;
    default:
  }
}

function printGrant({ id, summary }: GrantRecord, instance: Instance): void {
  const uses = instance.grants.find((grant) => grant.id === id)?.uses ?? 0;
  const details = Object.entries(summary).map(([name, value]) => `${name}=${String(value)}`);
  const used = uses === 0 ? 'never used' : `used ${uses}×`;
  console.log(`  granted  ${id.padEnd(16)} ${used.padEnd(12)} ${details.join(' ')}`);
}

function describeDenial(record: AuditRecord & { kind: 'denial' }): string {
  const { section, access = [] } = record.missing;
  const wanted = access.length === 0 ? section : `${section} ${access.join(', ')}`;
  const rule = record.grant === null ? 'no rule grants it' : `rule "${record.grant}" does not grant it`;
  return `${record.operation} ${JSON.stringify(record.subject)}: needs ${wanted}, ${rule}`;
}
