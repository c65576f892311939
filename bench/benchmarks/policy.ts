import { normalizePolicy, parsePolicy } from '../../src/policy/index.ts';
import { type Context, effortOf } from '../benchmark.ts';
import { compare, type Contestant, reading, time } from '../measure.ts';
import type { Row } from '../row.ts';

const RULES = 100;

/** A millisecond, in nanoseconds. */
const MAX_TIME = 1e6;

/** What it costs to check a policy: from an object, a normal form given again, and the whole way from text. */
export async function policyCheck(context: Context): Promise<readonly Row[]> {
  const document = makeDocument();
  const text = JSON.stringify(document, undefined, 2);
  const policy = parsePolicy(text);
  const ours: Contestant = {
    name: 'ours',
    round: async () =>
      new Map([
        ['object', await time(() => normalizePolicy(document))],
        ['normal form', await time(() => normalizePolicy(policy))],
        ['text', await time(() => parsePolicy(text))],
      ]),
  };
  const results = await compare([ours], effortOf(context, { warmUp: 1000, rounds: 500 }));
  return [
    { what: 'an object', ours: reading(results, 'ours', 'object'), goal: { kind: 'adds', time: MAX_TIME } },
    { what: 'a normal form again', ours: reading(results, 'ours', 'normal form') },
    { what: 'a text with comments allowed', ours: reading(results, 'ours', 'text') },
  ];
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
