import type { Engine } from '../index.ts';
import { FAMILIES, type Family, type Labels } from './families.ts';

/**
 * What is needed of a `Meter` of `@opentelemetry/api`. Any version that has it will do, and who uses no OpenTelemetry installs
 * none.
 */
export interface OpenTelemetryMeter {
  createObservableCounter(name: string, options: InstrumentOptions): object;
  createObservableUpDownCounter(name: string, options: InstrumentOptions): object;
  addBatchObservableCallback(callback: BatchCallback, observables: object[]): void;
  removeBatchObservableCallback(callback: BatchCallback, observables: object[]): void;
}

interface InstrumentOptions {
  description: string;
  unit: string;
}

interface BatchResult {
  observe(metric: object, value: number, attributes: Labels): void;
}

type BatchCallback = (result: BatchResult) => void;

/**
 * Lets OpenTelemetry observe what the instances of an engine used and how they ended: `bailiwick.instances`, `bailiwick.cpu.time`
 * and so on, the numbers of {@link prometheusText}. They are read once for each collection.
 *
 * @example
 * import { metrics } from '@opentelemetry/api';
 *
 * openTelemetryMetrics(engine, metrics.getMeter('bailiwick'));
 *
 * @returns dispose of it to observe the engine no longer
 */
export function openTelemetryMetrics(engine: Pick<Engine, 'metrics'>, meter: OpenTelemetryMeter): Disposable {
  const instruments = FAMILIES.map((family) => ({ family, instrument: create(meter, family) }));
  const observe: BatchCallback = (result) => {
    const metrics = engine.metrics();
    for (const { family, instrument } of instruments)
      for (const { value, labels } of family.read(metrics)) result.observe(instrument, value, labels);
  };
  const observables = instruments.map(({ instrument }) => instrument);
  meter.addBatchObservableCallback(observe, observables);
  return {
    [Symbol.dispose]: () => meter.removeBatchObservableCallback(observe, observables),
  };
}

/** What is no counter adds up all the same, over tenants and over processes: up-down counters, in OpenTelemetry's words. */
function create(meter: OpenTelemetryMeter, { instrument, type, help, unit }: Family): object {
  const options = { description: help, unit };
  return type === 'counter'
    ? meter.createObservableCounter(instrument, options)
    : meter.createObservableUpDownCounter(instrument, options);
}
