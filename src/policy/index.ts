/**
 * The policy language, version 1, as pure functions: nothing here touches the machine, and all of it runs in a browser.
 *
 * @packageDocumentation
 */
export { parseCidr } from './address/cidr.ts';
export type { Cidr } from './address/cidr.ts';
export { parseEndpoint } from './address/endpoint.ts';
export type { Endpoint } from './address/endpoint.ts';
export { formatHost, parseHost, parseHostPattern } from './address/host.ts';
export type { Host, HostPattern } from './address/host.ts';
export type { IpAddress } from './address/ip-address.ts';
export { parseUrlPattern } from './address/url-pattern.ts';
export type { UrlPattern } from './address/url-pattern.ts';
export { formatBytes, parseBytes } from './bytes.ts';
export type {
  BudgetDocument,
  ClockDocument,
  DnsRuleDocument,
  Duration,
  FilesystemRuleDocument,
  HttpRuleDocument,
  OutputDocument,
  PolicyDocument,
  QuotaDocument,
  Size,
  SocketsRuleDocument,
} from './document.ts';
export { formatDuration, parseDuration } from './duration.ts';
export { formatProblem, PolicyError, PolicyValueError } from './errors.ts';
export type { PolicyProblem } from './errors.ts';
export type { PolicyResolver, PolicySource } from './extends.ts';
export { formatInstant, parseInstant } from './instant.ts';
export { normalizePolicy, parsePolicy } from './parse.ts';
export type { PolicyOptions } from './parse.ts';
export { PRESET_PREFIX, PRESETS } from './presets.ts';
export { canonicalPolicy, printPolicy } from './print.ts';
export { parseRate } from './rate.ts';
export type { Rate } from './rate.ts';
export type {
  ClockGrant,
  DnsBudget,
  DnsRule,
  FileContent,
  FilesystemBudget,
  FilesystemQuota,
  FilesystemRule,
  HeaderFilter,
  HttpBudget,
  HttpRule,
  HttpRuleTimeouts,
  LayerSource,
  MemorySource,
  OutputGrant,
  Policy,
  PolicyLimits,
  RandomGrant,
  SocketsBudget,
  SocketsRule,
  VariableGrant,
} from './types.ts';
export { isLiteralHostPath, namedSources } from './volumes.ts';
export type { NamedSource } from './volumes.ts';
export { ACCESS_SHORT_NAMES, ACCESS_WORDS, AUDIT_LEVELS, DEFAULT_AUDIT_LEVEL } from './words.ts';
export type { AccessShortName, AccessWord, AuditLevel } from './words.ts';
