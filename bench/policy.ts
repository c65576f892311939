// What it costs to check a policy: the whole way from text, and from an object, with a hundred rules.
import { normalizePolicy, parsePolicy } from '../src/policy/index.ts';

const RULES = 100;
const ROUNDS = 300;

/** Milliseconds, medians after warm-up. */
export interface PolicyMeasurement {
  readonly rules: number;
  /** JSONC text to normal form. */
  readonly parse: number;
  /** Object to normal form. */
  readonly normalize: number;
  /** A normal form given again. */
  readonly again: number;
}

/** @param rounds each is one call of each kind */
export function measurePolicy(rounds: number = ROUNDS): PolicyMeasurement {
  const document = makeDocument();
  const text = JSON.stringify(document, undefined, 2);
  const policy = parsePolicy(text);
  return {
    rules: RULES,
    parse: median(rounds, () => parsePolicy(text)),
    normalize: median(rounds, () => normalizePolicy(document)),
    again: median(rounds, () => normalizePolicy(policy)),
  };
}

function makeDocument(): object {
  const filesystem = Array.from({ length: RULES }, (_, index) => ({
    id: `rule-${index}`,
    mount: `/data/set-${index}`,
    ...(index % 2 === 0 ? { host: `set-${index}` } : { memory: {} }),
    access: index % 3 === 0 ? 'read' : ['read', 'list', 'create', 'write'],
    quota: { bytes: '64MiB', files: 100 },
  }));
  return {
    version: 1,
    extends: ['preset:command'],
    filesystem,
    clocks: { wall: { resolution: '1ms' }, monotonic: { resolution: '100us' } },
    environment: { LANG: 'C.UTF-8', REGION: { from: 'host' } },
    limits: { memory: '64MiB', deadline: '5s', handles: 1000 },
  };
}

function median(rounds: number, run: () => unknown): number {
  for (let i = 0; i < rounds; i++) run();
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  return times.toSorted((a, b) => a - b)[rounds >> 1] ?? Number.NaN;
}
