// Metrics, without OpenTelemetry installed: type-checked and run against the installed package.
import { readFile } from 'node:fs/promises';
import { Engine } from 'bailiwick';
import { openTelemetryMetrics, type OpenTelemetryMeter, prometheusText } from 'bailiwick/metrics';

/** Whoever has a meter hands it in. */
export function observe(engine: Engine, meter: OpenTelemetryMeter): Disposable {
  return openTelemetryMetrics(engine, meter);
}

const engine = new Engine();
const program = await engine.compile(await readFile('seven.wasm'));
await using instance = await program.instantiate({ policy: { version: 1 }, tenant: 'sample' });
await instance.run();
console.log(prometheusText(engine).match(/^bailiwick_instances_ended_total.*$/m)?.[0]);
