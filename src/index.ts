// The public API: re-exports only.
import './require-node-version.ts';

export { Engine, type EngineOptions } from './engine/engine.ts';
export { Program } from './engine/program.ts';
export type { GrantUse, Instance, RunResult } from './engine/instance.ts';
export type { InstantiateOptions } from './engine/instantiate-options.ts';
export type { Bindings, NetworkBindings } from './engine/bindings.ts';
export type { FileChange, MountFiles } from './engine/mount-files.ts';
export type { BinaryKind } from './engine/detect.ts';
export type { EmbedderImports } from './engine/linked.ts';
export type { EndCount, EngineMetrics, MetricsOptions, TenantMetrics, Totals } from './engine/metrics.ts';
export { InstanceEndedError, type Outcome, startOutcome, type StartOutcome } from './engine/outcome.ts';
export type { Usage } from './engine/usage.ts';
export { type CoreModuleDigest, inspect, type Inspection } from './engine/inspect.ts';
export { jsonLinesSink } from './engine/json-lines-file.ts';
export { loadImage, type LoadImageOptions } from './engine/load-image.ts';

export { AuditLog, type RecordOrigin } from './audit/audit-log.ts';
export type {
  AuditEvent,
  AuditRecord,
  FoldedUses,
  GrantRecord,
  OutcomeRecord,
  RecordHead,
  RequestRecord,
} from './audit/records.ts';
export { MemorySink } from './audit/sinks/memory-sink.ts';
export type { AuditSink } from './audit/sinks/sink.ts';

export type { Tenant, TenantUsage } from './engine/tenants/tenant.ts';
export type { IsolationLevel, IsolationOptions, PoolOptions } from './engine/isolation/isolation.ts';
export type { CeilingOptions } from './engine/starts/ceiling.ts';
export type { TenantBudgets } from './engine/tenants/tenant-budgets.ts';
export type { TenantOptions } from './engine/tenants/tenants.ts';

export type {
  Image,
  ImageDirectory,
  ImageFile,
  ImageLimits,
  ImageNode,
  ImageSymlink,
} from './virtual/filesystem/image.ts';
export type { ImageContent, ImageFiles } from './virtual/filesystem/image-files.ts';
export type { GrantSummary } from './kernel/grant.ts';
export type { Operation, Section } from './kernel/request.ts';
export type { OwnerAction, DenialReason } from './kernel/recorder.ts';
export type {
  ByteSink,
  ClientCertificate,
  Confinement,
  HttpProxy,
  InputSource,
  NameServers,
  NetworkOptions,
  OutputTarget,
  ResolveName,
} from './virtual/machine.ts';
export { type VirtualHost, VirtualNetwork } from './virtual/network/virtual-network.ts';

export {
  normalizePolicy,
  parsePolicy,
  type Policy,
  type PolicyDocument,
  PolicyError,
  type PolicyOptions,
  type PolicyProblem,
  type PolicyResolver,
  type PolicySource,
  printPolicy,
} from './policy/index.ts';

export {
  AuditError,
  BailiwickError,
  BindingError,
  type ErrorDetails,
  InstanceError,
  LinkError,
  ProgramError,
  VolumeError,
} from './errors.ts';
