import { expect } from 'vitest';
import type { AuditRecord, Bindings, NetworkBindings } from '../../src/index.ts';
import { worldGuest } from '../guests/index.ts';
import { type DnsServer } from '../support/dns-server.ts';
import { type GuestRun, type OpenGuest, openGuest } from '../support/guest-run.ts';

/** What an attack on the network is given: rules, names, and what to try. */
export interface Egress {
  readonly http?: readonly object[];
  readonly sockets?: readonly object[];
  readonly dns?: readonly object[];
  /** Names are asked of it; of the system when absent. */
  readonly resolver?: DnsServer;
  readonly network?: NetworkBindings;
  readonly secrets?: Bindings['secrets'];
  /** Arguments of the guest `egress`. */
  readonly tries: readonly string[];
}

/** Opens the guest that goes out in every way that WASI 0.2 has. */
export async function openEgress({
  tries,
  resolver,
  network,
  secrets,
  ...rules
}: Egress): Promise<OpenGuest> {
  return openGuest(await worldGuest('egress'), 'component', {
    grant: rules,
    args: tries,
    bindings: {
      network: { ...(resolver && { resolver: { servers: [resolver.address] } }), ...network },
      ...(secrets && { secrets }),
    },
  });
}

/** Runs it to its end. */
export async function goOut(egress: Egress): Promise<GuestRun> {
  const run = await (await openEgress(egress)).run();
  expect([run.outcome, run.stderr]).toEqual([{ kind: 'exit', code: 0 }, '']);
  return run;
}

/** What the guest was told of each try, header fields apart. */
export function answers(run: GuestRun): string[] {
  return run.lines.filter((line) => !line.startsWith('field=')).map((line) => line.trimEnd());
}

/** What the log has of each denial, shortened. */
export function denials(run: GuestRun): string[] {
  return run
    .of('denial')
    .map(({ grant, reason, operation, subject }: Extract<AuditRecord, { kind: 'denial' }>) =>
      [operation, subject, grant ?? 'no rule', reason].join(' '),
    );
}
