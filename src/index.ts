// The public API: re-exports only.
import './require-node-version.ts';

export { Engine, type EngineOptions } from './engine/engine.ts';
export { Program } from './engine/program.ts';
export { type GrantUse, Instance, type RunResult } from './engine/instance.ts';
export type { InstantiateOptions } from './engine/instantiate.ts';
export type { Bindings } from './engine/bindings.ts';
export type { EmbedderImports } from './engine/linked.ts';
export type { Outcome } from './engine/outcome.ts';
export type { Usage } from './engine/usage.ts';
export { inspect, type Inspection } from './engine/inspect.ts';
export { jsonLinesSink } from './engine/json-lines-file.ts';

export { AuditLog } from './audit/audit-log.ts';
export type { AuditEvent, AuditRecord, GrantRecord, OutcomeRecord, RequestRecord } from './audit/records.ts';
export { MemorySink } from './audit/sinks/memory-sink.ts';
export type { AuditSink } from './audit/sinks/sink.ts';

export type { GrantSummary } from './kernel/grant.ts';
export type { ByteSink, InputSource, OutputTarget } from './virtual/machine.ts';

export { parsePolicy, normalizePolicy, printPolicy, type Policy } from './policy/index.ts';

export {
  AuditError,
  BailiwickError,
  BindingError,
  InstanceError,
  LinkError,
  ProgramError,
  UsageError,
} from './errors.ts';
