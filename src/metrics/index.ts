/**
 * What the instances of an engine used and how they ended, for Prometheus and for OpenTelemetry. `engine.metrics()` has the same
 * numbers as plain values.
 *
 * @packageDocumentation
 */
export { openTelemetryMetrics, type OpenTelemetryMeter } from './open-telemetry.ts';
export { PROMETHEUS_CONTENT_TYPE, prometheusText } from './prometheus-text.ts';
