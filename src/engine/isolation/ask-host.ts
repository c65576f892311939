import type { UseBudget } from '../../kernel/budget.ts';
import type { SharedBytes } from '../../kernel/byte-budget.ts';
import type { RecordLog } from '../../audit/instance-recorder.ts';
import type { AuditEvent } from '../../audit/records.ts';
import type { CpuBudget } from '../cpu/scheduler.ts';
import type { TenantBounds } from '../tenants/tenant-bounds.ts';
import type { Question, Reply, WireBudgets } from './protocol.ts';
import { fromWire } from './wire-errors.ts';

/** Asks the host, and stands still until it answers. @throws what the host throws */
export type Ask = (question: Question) => number;

export function askOver(port: { ask(question: unknown): unknown }): Ask {
  return (question) => {
    const reply = port.ask(question) as Reply;
    if ('error' in reply) throw fromWire(reply.error);
    return reply.value;
  };
}

/** The log of an instance, which the host writes: what is not in it when the host answers never takes effect. */
export function remoteLog(instance: number, ask: Ask): RecordLog {
  return {
    // Who it is about, and when, the host says.
    append: (_origin, event: AuditEvent) => void ask({ about: 'record', instance, event }),
  };
}

/** Budgets of a tenant, which the host keeps for its instances everywhere. */
export function remoteTenant(
  name: string,
  instance: number,
  { cpu, bytes, requests }: WireBudgets,
  ask: Ask,
  now: () => number,
): TenantBounds {
  return {
    name,
    cpu: cpu ? remoteCpu(instance, ask, now) : undefined,
    bytes: bytes && remoteBytes(instance, bytes, ask),
    requests: requests && remoteRequests(instance, requests, ask),
  };
}

function remoteCpu(instance: number, ask: Ask, now: () => number): CpuBudget {
  let readyAt = 0;
  return {
    takeCpu(nanoseconds) {
      readyAt = now() + ask({ about: 'cpu', instance, nanoseconds });
    },
    cpuReadyAt: () => readyAt,
  };
}

function remoteBytes(
  instance: number,
  { name, limit }: { name: string; limit: number },
  ask: Ask,
): SharedBytes {
  return {
    name,
    limit,
    get left() {
      return ask({ about: 'bytes', instance, count: 0 });
    },
    use: (count) => void ask({ about: 'bytes', instance, count }),
  };
}

function remoteRequests(
  instance: number,
  { name, amount }: { name: string; amount: number },
  ask: Ask,
): UseBudget {
  return {
    name,
    amount,
    refills: true,
    take: () => ask({ about: 'requests', instance, give: false }) === 1,
    give: () => void ask({ about: 'requests', instance, give: true }),
  };
}
