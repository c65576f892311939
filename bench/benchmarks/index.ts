import type { Benchmark } from '../benchmark.ts';

/** In the order of the table. */
export const BENCHMARKS: readonly Benchmark[] = [
  {
    name: 'instantiate-0.2',
    title: 'WASI 0.2: instantiate under a policy',
    load: async () => (await import('./instantiate-component.ts')).instantiateComponent,
  },
  {
    name: 'calls-0.2',
    title: 'WASI 0.2: calls from inside the guest, on a memory volume',
    load: async () => (await import('./calls.ts')).componentCalls,
  },
  {
    name: 'instantiate-0.1',
    title: 'WASI 0.1: instantiate under a policy',
    load: async () => (await import('./instantiate-module.ts')).instantiateModule,
  },
  {
    name: 'calls-0.1',
    title: 'WASI 0.1: calls from inside the guest, on a memory volume',
    load: async () => (await import('./calls.ts')).moduleCalls,
  },
  {
    name: 'python',
    title: 'WASI 0.1: CPython, print(1) from start to end',
    load: async () => (await import('./python.ts')).pythonStart,
  },
  {
    name: 'decision',
    title: 'Cost of the decision: every call guarded, and with the guard bypassed (private build)',
    load: async () => (await import('./decision.ts')).decisionCost,
  },
  {
    name: 'policy',
    title: 'Checking a policy of 100 rules, after warm-up',
    load: async () => (await import('./policy.ts')).policyCheck,
  },
  {
    name: 'import',
    title: "import 'bailiwick' in a fresh process",
    load: async () => (await import('./import.ts')).importTime,
  },
];
