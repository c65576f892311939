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
    name: 'instantiate-0.3',
    title: 'WASI 0.3: instantiate under a policy',
    load: async () => (await import('./instantiate-component.ts')).instantiateAsyncComponent,
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
    name: 'files-0.2',
    title: 'WASI 0.2: jobs on files, from inside the guest; directories are on tmpfs',
    load: async () => (await import('./files.ts')).componentFiles,
  },
  {
    name: 'files-0.1',
    title: 'WASI 0.1: jobs on files, from inside the guest; directories are on tmpfs',
    load: async () => (await import('./files.ts')).moduleFiles,
  },
  {
    name: 'files-0.1-memory',
    title: 'WASI 0.1: jobs on files, against files in memory of a peer in JavaScript',
    load: async () => (await import('./files.ts')).moduleFilesInMemory,
  },
  {
    name: 'open-depth',
    title: 'Opening a path of four names in a host directory, against node:fs on the same path',
    load: async () => (await import('./open-depth.ts')).openAtDepth,
  },
  {
    name: 'io-threshold',
    title: 'Reading and writing a cached file on disk off the thread, against the synchronous call',
    load: async () => (await import('./io-threshold.ts')).ioThreshold,
  },
  {
    name: 'python',
    title: 'WASI 0.1: CPython, print(1) from start to end',
    load: async () => (await import('./python.ts')).pythonStart,
  },
  {
    name: 'metering',
    title:
      'WASI 0.1: computing under limits.fuel and limits.cpu, against the same without; the median of the ratios ≤ 1.15x',
    load: async () => (await import('./metering.ts')).metering,
  },
  {
    name: 'neighbours',
    title: 'A call of 20,000 rounds under limits.slice, alone and beside 50 tenants who never stop computing',
    load: async () => (await import('./neighbours.ts')).neighbours,
  },
  {
    name: 'density',
    title: '5,000 idle instances in one process, and 1,000 starts at once',
    load: async () => (await import('./density.ts')).density,
  },
  {
    name: 'decision',
    title: 'Cost of the decision: every call guarded, and with the guard bypassed (private build)',
    load: async () => (await import('./decision.ts')).decisionCost,
  },
  {
    name: 'egress',
    title: 'Cost of the decision on a request: read, asked of the rules, address checked; nothing is sent',
    load: async () => (await import('./egress.ts')).egressDecision,
  },
  {
    name: 'tcp-echo',
    title: 'WASI 0.2: TCP echo, a guest under one rule against node:net, both ends in one process',
    load: async () => (await import('./tcp-echo.ts')).tcpEcho,
  },
  {
    name: 'serve',
    title:
      'HTTP requests to instances of a component, against jco serve and against node:http with the same answer',
    load: async () => (await import('./serve.ts')).serveRequests,
  },
  {
    name: 'streams-0.3',
    title: 'WASI 0.3: files, standard output and sleeps, from inside the guest; directories are on tmpfs',
    load: async () => (await import('./streams.ts')).streams,
  },
  {
    name: 'serve-0.3',
    title: 'WASI 0.3: HTTP requests to instances of a handler, against the server of preview3-shim',
    load: async () => (await import('./serve-async.ts')).serveAsyncRequests,
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
