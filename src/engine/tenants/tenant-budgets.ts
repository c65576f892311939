import { InstanceError } from '../../errors.ts';
import type { FlowRate } from '../../kernel/token-bucket.ts';
import { parseBytes, parseDuration } from '../../policy/index.ts';

/**
 * What all instances of a tenant may consume together. Who has consumed a period's worth has again what flows in with time. What
 * is absent is not bounded.
 */
export interface TenantBudgets {
  /** Computing time per period: `"200ms/s"`. Who has used it waits; its guests are metered. */
  readonly cpu?: string;
  /** Bytes read from and written to files, sent and received: `"1GiB/d"`. */
  readonly bytes?: string;
  /** HTTP requests, those that it sends and those that it is sent: `"60/min"`. */
  readonly requests?: string;
  /** Instances at one time. */
  readonly instances?: number;
}

export interface CompiledBudgets {
  readonly cpu: FlowRate | undefined;
  readonly bytes: FlowRate | undefined;
  readonly requests: FlowRate | undefined;
  readonly instances: number;
}

const PERIOD = /^(?:s|min|h|d)$/;

/** @throws InstanceError BW_TENANT_BUDGET that names the budget, what was found and what was expected */
export function compileBudgets(budgets: TenantBudgets): CompiledBudgets {
  const { instances = Infinity } = budgets;
  if (instances !== Infinity && !(Number.isSafeInteger(instances) && instances >= 0))
    throw wrong('instances', instances, 'a whole number');
  return {
    cpu: read('cpu', budgets.cpu, (text) => Number(parseDuration(text)), '"200ms/s"'),
    bytes: read('bytes', budgets.bytes, parseBytes, '"1GiB/d"'),
    requests: read('requests', budgets.requests, readCount, '"60/min"'),
    instances,
  };
}

function read(
  name: string,
  text: string | undefined,
  parse: (amount: string) => number,
  example: string,
): FlowRate | undefined {
  if (text === undefined) return undefined;
  const [amount = '', unit = ''] = text.split('/');
  try {
    const rate = { amount: parse(amount), period: Number(parseDuration(`1${unit}`)) };
    if (rate.amount > 0 && PERIOD.test(unit)) return rate;
  } catch {
    // Whatever is wrong with it is said below.
  }
  throw wrong(name, text, `an amount per s, min, h or d, such as ${example}`);
}

function readCount(text: string): number {
  return /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
}

function wrong(name: string, found: unknown, expected: string): InstanceError {
  return new InstanceError(
    'BW_TENANT_BUDGET',
    `The tenant's budget \`${name}\` is ${JSON.stringify(found)}; expected ${expected}.`,
  );
}
