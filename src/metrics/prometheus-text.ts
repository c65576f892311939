import type { Engine } from '../index.ts';
import { FAMILIES, type Family, type Labels } from './families.ts';

/** Of an answer that has {@link prometheusText} as its body. */
export const PROMETHEUS_CONTENT_TYPE: string = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * What the instances of an engine used and how they ended, for Prometheus to collect.
 *
 * @returns text in the exposition format 0.0.4
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function prometheusText(engine: Pick<Engine, 'metrics'>): string {
  const metrics = engine.metrics();
  const lines: string[] = [];
  for (const family of FAMILIES) {
    lines.push(...headOf(family));
    for (const { value, labels } of family.read(metrics))
      lines.push(`${family.name}${labelsText(labels)} ${value}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The texts of families are ours: nothing in them needs to be escaped. */
function headOf({ name, help, type }: Family): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escape(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** What stands in a label's value: a tenant may be called anything. A lone surrogate is nothing that UTF-8 has. */
function escape(value: string): string {
  return value.toWellFormed().replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
