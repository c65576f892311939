import { expect, test } from 'vitest';
import { Engine, type Program } from '../../../src/index.ts';
import { PROMETHEUS_CONTENT_TYPE, prometheusText } from '../../../src/metrics/index.ts';
import { watGuest } from '../../guests/index.ts';
import { parseExposition } from './exposition.ts';

const policy = { version: 1 };

async function compile(engine: Engine, body: string): Promise<Program> {
  return engine.compile(await watGuest(`(module (memory 2) (func (export "_start") ${body}))`));
}

test('the media type says which format it is', () => {
  expect(PROMETHEUS_CONTENT_TYPE).toBe('text/plain; version=0.0.4; charset=utf-8');
});

test('an engine that did nothing yet has its own numbers and every family', () => {
  const text = prometheusText(new Engine({ cache: false, instances: { maxInstances: 7 } }));
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  expect(lines).toEqual([
    'bailiwick_places_taken 0',
    'bailiwick_places_limit 7',
    'bailiwick_starts_waiting 0',
    'bailiwick_programs_compiled_total 0',
    '',
  ]);
  expect([...parseExposition(text).keys()]).toEqual([
    'bailiwick_instances',
    'bailiwick_instances_started_total',
    'bailiwick_instances_ended_total',
    'bailiwick_fuel_total',
    'bailiwick_cpu_seconds_total',
    'bailiwick_calls_total',
    'bailiwick_bytes_total',
    'bailiwick_denials_total',
    'bailiwick_memory_bytes',
    'bailiwick_handles',
    'bailiwick_places_taken',
    'bailiwick_places_limit',
    'bailiwick_starts_waiting',
    'bailiwick_programs_compiled_total',
  ]);
});

test('instances, by tenant and by how they ended', async () => {
  const engine = new Engine({ cache: false });
  const endless = await compile(engine, '(loop $l (br $l))');
  const quiet = await compile(engine, '');
  const limits = { fuel: 1000 };
  await (await endless.instantiate({ policy: { ...policy, limits }, tenant: 'a' })).run();
  await (await quiet.instantiate({ policy, tenant: 'a' })).run();
  await using _open = await quiet.instantiate({ policy, tenant: 'b' });
  const text = prometheusText(engine);
  expect(text).toContain(`# HELP bailiwick_instances Instances that there are.
# TYPE bailiwick_instances gauge
bailiwick_instances{tenant="a"} 0
bailiwick_instances{tenant="b"} 1
`);
  expect(text).toContain(`# TYPE bailiwick_instances_ended_total counter
bailiwick_instances_ended_total{tenant="a",outcome="limit",limit="limits.fuel"} 1
bailiwick_instances_ended_total{tenant="a",outcome="exit"} 1
# HELP`);
  expect(text).toContain('bailiwick_memory_bytes{tenant="b"} 131072\n');
  expect(text).toContain('bailiwick_calls_total{tenant="a"} 2\n');
  expect(text).toContain('bailiwick_places_taken 1\n');
  const [tenant] = engine.metrics().tenants;
  expect(tenant?.fuel).toBeGreaterThan(0);
  expect(text).toContain(`bailiwick_fuel_total{tenant="a"} ${tenant?.fuel}\n`);
  expect(text).toContain(`bailiwick_cpu_seconds_total{tenant="a"} ${(tenant?.cpuTime ?? 0) / 1e9}\n`);
});

test.each([
  ['"', '"\\""'],
  ['\\', '"\\\\"'],
  ['\\n', '"\\\\n"'],
  ['a\nb', '"a\\nb"'],
  ['x"} 1\nbailiwick_fuel_total{tenant="y', '"x\\"} 1\\nbailiwick_fuel_total{tenant=\\"y"'],
  ['\ud800', '"\ufffd"'],
  ['grüße', '"grüße"'],
  ['__proto__', '"__proto__"'],
])('a tenant %j stays one label', async (tenant, label) => {
  const engine = new Engine({ cache: false });
  const program = await compile(engine, '');
  await (await program.instantiate({ policy, tenant })).run();
  const text = prometheusText(engine);
  expect(text).toContain(`bailiwick_instances_started_total{tenant=${label}} 1\n`);
  const started = parseExposition(text).get('bailiwick_instances_started_total');
  expect(started?.samples).toEqual([{ labels: new Map([['tenant', tenant.toWellFormed()]]), value: 1 }]);
});

test('bytes, by kind', async () => {
  const engine = new Engine({ cache: false });
  const program = await compile(engine, '');
  await (await program.instantiate({ policy, tenant: 'a' })).run();
  const bytes = parseExposition(prometheusText(engine)).get('bailiwick_bytes_total');
  expect(bytes?.samples.map(({ labels }) => labels.get('kind'))).toEqual([
    'file_read',
    'file_written',
    'network_sent',
    'network_received',
    'stdin',
    'stdout',
    'stderr',
    'random',
  ]);
});
