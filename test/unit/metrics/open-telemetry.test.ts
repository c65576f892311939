import { DataPointType, InMemoryMetricExporter, MeterProvider } from '@opentelemetry/sdk-metrics';
import {
  AggregationTemporality,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import type { Meter } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Engine, type Program } from '../../../src/index.ts';
import { openTelemetryMetrics, prometheusText } from '../../../src/metrics/index.ts';
import { watGuest } from '../../guests/index.ts';
import { parseExposition } from './exposition.ts';

const policy = { version: 1 };

/** The SDK of OpenTelemetry, which collects where a test says so. */
let exporter: InMemoryMetricExporter;
let provider: MeterProvider;
let meter: Meter;
beforeEach(() => {
  exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1e8 });
  provider = new MeterProvider({ readers: [reader] });
  meter = provider.getMeter('bailiwick');
});
afterEach(() => provider.shutdown());

async function collect(): Promise<readonly MetricData[]> {
  exporter.reset();
  await provider.forceFlush();
  return exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
}

const pointsOf = (metrics: readonly MetricData[], name: string): unknown =>
  metrics
    .find(({ descriptor }) => descriptor.name === name)
    ?.dataPoints.map(({ attributes, value }) => ({ ...attributes, value }));

async function compile(engine: Engine, body: string): Promise<Program> {
  return engine.compile(await watGuest(`(module (memory 1) (func (export "_start") ${body}))`));
}

test('the SDK collects the numbers of instances, by tenant', async () => {
  const engine = new Engine({ cache: false });
  openTelemetryMetrics(engine, meter);
  const quiet = await compile(engine, '');
  const traps = await compile(engine, 'unreachable');
  const limits = { fuel: 1_000_000 };
  await (await quiet.instantiate({ policy: { ...policy, limits }, tenant: 'a' })).run();
  await (await traps.instantiate({ policy, tenant: 'a' })).run();
  await using _open = await quiet.instantiate({ policy, tenant: 'b' });
  const metrics = await collect();
  expect(pointsOf(metrics, 'bailiwick.instances')).toEqual([
    { tenant: 'a', value: 0 },
    { tenant: 'b', value: 1 },
  ]);
  expect(pointsOf(metrics, 'bailiwick.instances.ended')).toEqual([
    { tenant: 'a', outcome: 'exit', value: 1 },
    { tenant: 'a', outcome: 'trap', value: 1 },
  ]);
  expect(pointsOf(metrics, 'bailiwick.memory')).toEqual([
    { tenant: 'a', value: 0 },
    { tenant: 'b', value: 65_536 },
  ]);
  expect(pointsOf(metrics, 'bailiwick.programs.compiled')).toEqual([{ value: 2 }]);
});

test('what it collects is what Prometheus is told', async () => {
  const engine = new Engine({ cache: false });
  openTelemetryMetrics(engine, meter);
  const program = await compile(engine, '');
  await (
    await program.instantiate({ policy: { ...policy, limits: { fuel: 1_000_000 } }, tenant: 'a' })
  ).run();
  const told = [...parseExposition(prometheusText(engine)).values()].filter(
    ({ samples }) => samples.length > 0,
  );
  const collected = await collect();
  expect(
    collected.map(({ descriptor, dataPoints, ...data }) => ({
      help: descriptor.description,
      type: data.dataPointType === DataPointType.SUM && data.isMonotonic ? 'counter' : 'gauge',
      samples: dataPoints.map(({ attributes, value }) => ({
        labels: new Map(Object.entries(attributes)),
        value,
      })),
    })),
  ).toEqual(told);
});

test('counters only grow, and have units', async () => {
  openTelemetryMetrics(new Engine({ cache: false }), meter);
  const engine = new Engine({ cache: false });
  const observed = openTelemetryMetrics(engine, provider.getMeter('another'));
  const program = await compile(engine, '');
  await (await program.instantiate({ policy })).run();
  const first = await collect();
  const units = Object.fromEntries(first.map(({ descriptor }) => [descriptor.name, descriptor.unit]));
  expect(units).toMatchObject({
    'bailiwick.cpu.time': 's',
    'bailiwick.io': 'By',
    'bailiwick.instances.ended': '{instance}',
  });
  await (await program.instantiate({ policy })).run();
  expect(pointsOf(await collect(), 'bailiwick.calls')).toEqual([{ tenant: 'default', value: 2 }]);
  observed[Symbol.dispose]();
});

test('one that is disposed of is not observed any more', async () => {
  let reads = 0;
  const engine = new Engine({ cache: false });
  const counting = {
    metrics: () => {
      reads++;
      return engine.metrics();
    },
  };
  const observed = openTelemetryMetrics(counting, meter);
  await collect();
  await collect();
  expect(reads).toBe(2);
  observed[Symbol.dispose]();
  await collect();
  expect(reads).toBe(2);
});
