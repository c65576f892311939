// Made by scripts/generate-wit-types.ts from the packages of WASI 0.3.0 in wit/deps.

import type { FutureSource, Result, StreamSource } from '../canonical-abi/values.ts';

/** wasi:cli/environment */
export interface CliEnvironment {
  'get-environment': () => readonly (readonly [string, string])[];
  'get-arguments': () => readonly string[];
  'get-initial-cwd': () => string | undefined;
}

/** wasi:cli/exit */
export interface CliExit {
  exit: (status: Result) => void;
  'exit-with-code': (statusCode: number) => void;
}

/** wasi:cli/run */
export interface CliRun {
  run: () => Result;
}

/** `error-code` of wasi:cli/types */
export type CliErrorCode = 'io' | 'illegal-byte-sequence' | 'pipe';

/** wasi:cli/stdin */
export interface CliStdin {
  'read-via-stream': () => readonly [StreamSource, FutureSource];
}

/** wasi:cli/stdout */
export interface CliStdout {
  'write-via-stream': (data: StreamSource) => FutureSource;
}

/** wasi:cli/stderr */
export interface CliStderr {
  'write-via-stream': (data: StreamSource) => FutureSource;
}

/** wasi:cli/terminal-stdin */
export interface CliTerminalStdin<R extends { 'terminal-input': object }> {
  'get-terminal-stdin': () => R['terminal-input'] | undefined;
}

/** wasi:cli/terminal-stdout */
export interface CliTerminalStdout<R extends { 'terminal-output': object }> {
  'get-terminal-stdout': () => R['terminal-output'] | undefined;
}

/** wasi:cli/terminal-stderr */
export interface CliTerminalStderr<R extends { 'terminal-output': object }> {
  'get-terminal-stderr': () => R['terminal-output'] | undefined;
}

/** `mark` of wasi:clocks/monotonic-clock */
export type Mark = bigint;

/** wasi:clocks/monotonic-clock */
export interface ClocksMonotonicClock {
  now: () => Mark;
  'get-resolution': () => Duration;
  'wait-until': (when: Mark) => void;
  'wait-for': (howLong: Duration) => void;
}

/** `instant` of wasi:clocks/system-clock */
export interface Instant {
  readonly seconds: bigint;
  readonly nanoseconds: number;
}

/** wasi:clocks/system-clock */
export interface ClocksSystemClock {
  now: () => Instant;
  'get-resolution': () => Duration;
}

/** wasi:clocks/timezone */
export interface ClocksTimezone {
  'iana-id': () => string | undefined;
  'utc-offset': (when: Instant) => bigint | undefined;
  'to-debug-string': () => string;
}

/** `duration` of wasi:clocks/types */
export type Duration = bigint;

/** wasi:filesystem/preopens */
export interface FilesystemPreopens<R extends { descriptor: object }> {
  'get-directories': () => readonly (readonly [R['descriptor'], string])[];
}

/** `filesize` of wasi:filesystem/types */
export type Filesize = bigint;

/** `descriptor-type` of wasi:filesystem/types */
export type DescriptorType =
  | {
      readonly tag:
        | 'block-device'
        | 'character-device'
        | 'directory'
        | 'fifo'
        | 'symbolic-link'
        | 'regular-file'
        | 'socket';
    }
  | { readonly tag: 'other'; readonly val: string | undefined };

/** `descriptor-flags` of wasi:filesystem/types */
export const DescriptorFlags = {
  read: 1,
  write: 2,
  fileIntegritySync: 4,
  dataIntegritySync: 8,
  requestedWriteSync: 16,
  mutateDirectory: 32,
} as const;
export type DescriptorFlags = number;

/** `descriptor-stat` of wasi:filesystem/types */
export interface DescriptorStat {
  readonly type: DescriptorType;
  readonly linkCount: LinkCount;
  readonly size: Filesize;
  readonly dataAccessTimestamp: Instant | undefined;
  readonly dataModificationTimestamp: Instant | undefined;
  readonly statusChangeTimestamp: Instant | undefined;
}

/** `path-flags` of wasi:filesystem/types */
export const PathFlags = { symlinkFollow: 1 } as const;
export type PathFlags = number;

/** `open-flags` of wasi:filesystem/types */
export const OpenFlags = { create: 1, directory: 2, exclusive: 4, truncate: 8 } as const;
export type OpenFlags = number;

/** `link-count` of wasi:filesystem/types */
export type LinkCount = bigint;

/** `new-timestamp` of wasi:filesystem/types */
export type NewTimestamp =
  | { readonly tag: 'no-change' | 'now' }
  | { readonly tag: 'timestamp'; readonly val: Instant };

/** `directory-entry` of wasi:filesystem/types */
export interface DirectoryEntry {
  readonly type: DescriptorType;
  readonly name: string;
}

/** `error-code` of wasi:filesystem/types */
export type FilesystemErrorCode =
  | {
      readonly tag:
        | 'access'
        | 'already'
        | 'bad-descriptor'
        | 'busy'
        | 'deadlock'
        | 'quota'
        | 'exist'
        | 'file-too-large'
        | 'illegal-byte-sequence'
        | 'in-progress'
        | 'interrupted'
        | 'invalid'
        | 'io'
        | 'is-directory'
        | 'loop'
        | 'too-many-links'
        | 'message-size'
        | 'name-too-long'
        | 'no-device'
        | 'no-entry'
        | 'no-lock'
        | 'insufficient-memory'
        | 'insufficient-space'
        | 'not-directory'
        | 'not-empty'
        | 'not-recoverable'
        | 'unsupported'
        | 'no-tty'
        | 'no-such-device'
        | 'overflow'
        | 'not-permitted'
        | 'pipe'
        | 'read-only'
        | 'invalid-seek'
        | 'text-file-busy'
        | 'cross-device';
    }
  | { readonly tag: 'other'; readonly val: string | undefined };

/** `advice` of wasi:filesystem/types */
export type Advice = 'normal' | 'sequential' | 'random' | 'will-need' | 'dont-need' | 'no-reuse';

/** `metadata-hash-value` of wasi:filesystem/types */
export interface MetadataHashValue {
  readonly lower: bigint;
  readonly upper: bigint;
}

/** wasi:filesystem/types */
export interface FilesystemTypes<R extends { descriptor: object }> {
  '[method]descriptor.read-via-stream': (
    self: R['descriptor'],
    offset: Filesize,
  ) => readonly [StreamSource, FutureSource];
  '[method]descriptor.write-via-stream': (
    self: R['descriptor'],
    data: StreamSource,
    offset: Filesize,
  ) => FutureSource;
  '[method]descriptor.append-via-stream': (self: R['descriptor'], data: StreamSource) => FutureSource;
  '[method]descriptor.advise': (
    self: R['descriptor'],
    offset: Filesize,
    length: Filesize,
    advice: Advice,
  ) => Result<undefined, FilesystemErrorCode>;
  '[method]descriptor.sync-data': (self: R['descriptor']) => Result<undefined, FilesystemErrorCode>;
  '[method]descriptor.get-flags': (self: R['descriptor']) => Result<DescriptorFlags, FilesystemErrorCode>;
  '[method]descriptor.get-type': (self: R['descriptor']) => Result<DescriptorType, FilesystemErrorCode>;
  '[method]descriptor.set-size': (
    self: R['descriptor'],
    size: Filesize,
  ) => Result<undefined, FilesystemErrorCode>;
  '[method]descriptor.set-times': (
    self: R['descriptor'],
    dataAccessTimestamp: NewTimestamp,
    dataModificationTimestamp: NewTimestamp,
  ) => Result<undefined, FilesystemErrorCode>;
  '[method]descriptor.read-directory': (self: R['descriptor']) => readonly [StreamSource, FutureSource];
  '[method]descriptor.sync': (self: R['descriptor']) => Result<undefined, FilesystemErrorCode>;
  '[method]descriptor.create-directory-at': (
    self: R['descriptor'],
    path: string,
  ) => Result<undefined, FilesystemErrorCode>;
  '[method]descriptor.stat': (self: R['descriptor']) => Result<DescriptorStat, FilesystemErrorCode>;
  '[method]descriptor.stat-at': (
    self: R['descriptor'],
    pathFlags: PathFlags,
    path: string,
  ) => Result<DescriptorStat, FilesystemErrorCode>;
  '[method]descriptor.set-times-at': (
    self: R['descriptor'],
    pathFlags: PathFlags,
    path: string,
    dataAccessTimestamp: NewTimestamp,
    dataModificationTimestamp: NewTimestamp,
  ) => Result<undefined, FilesystemErrorCode>;
  '[method]descriptor.link-at': (
    self: R['descriptor'],
    oldPathFlags: PathFlags,
    oldPath: string,
    newDescriptor: R['descriptor'],
    newPath: string,
  ) => Result<undefined, FilesystemErrorCode>;
  '[method]descriptor.open-at': (
    self: R['descriptor'],
    pathFlags: PathFlags,
    path: string,
    openFlags: OpenFlags,
    flags: DescriptorFlags,
  ) => Result<R['descriptor'], FilesystemErrorCode>;
  '[method]descriptor.readlink-at': (
    self: R['descriptor'],
    path: string,
  ) => Result<string, FilesystemErrorCode>;
  '[method]descriptor.remove-directory-at': (
    self: R['descriptor'],
    path: string,
  ) => Result<undefined, FilesystemErrorCode>;
  '[method]descriptor.rename-at': (
    self: R['descriptor'],
    oldPath: string,
    newDescriptor: R['descriptor'],
    newPath: string,
  ) => Result<undefined, FilesystemErrorCode>;
  '[method]descriptor.symlink-at': (
    self: R['descriptor'],
    oldPath: string,
    newPath: string,
  ) => Result<undefined, FilesystemErrorCode>;
  '[method]descriptor.unlink-file-at': (
    self: R['descriptor'],
    path: string,
  ) => Result<undefined, FilesystemErrorCode>;
  '[method]descriptor.is-same-object': (self: R['descriptor'], other: R['descriptor']) => boolean;
  '[method]descriptor.metadata-hash': (
    self: R['descriptor'],
  ) => Result<MetadataHashValue, FilesystemErrorCode>;
  '[method]descriptor.metadata-hash-at': (
    self: R['descriptor'],
    pathFlags: PathFlags,
    path: string,
  ) => Result<MetadataHashValue, FilesystemErrorCode>;
}

/** `method` of wasi:http/types */
export type Method =
  | { readonly tag: 'get' | 'head' | 'post' | 'put' | 'delete' | 'connect' | 'options' | 'trace' | 'patch' }
  | { readonly tag: 'other'; readonly val: string };

/** `scheme` of wasi:http/types */
export type Scheme = { readonly tag: 'HTTP' | 'HTTPS' } | { readonly tag: 'other'; readonly val: string };

/** `error-code` of wasi:http/types */
export type HttpErrorCode =
  | {
      readonly tag:
        | 'DNS-timeout'
        | 'destination-not-found'
        | 'destination-unavailable'
        | 'destination-IP-prohibited'
        | 'destination-IP-unroutable'
        | 'connection-refused'
        | 'connection-terminated'
        | 'connection-timeout'
        | 'connection-read-timeout'
        | 'connection-write-timeout'
        | 'connection-limit-reached'
        | 'TLS-protocol-error'
        | 'TLS-certificate-error'
        | 'HTTP-request-denied'
        | 'HTTP-request-length-required'
        | 'HTTP-request-method-invalid'
        | 'HTTP-request-URI-invalid'
        | 'HTTP-request-URI-too-long'
        | 'HTTP-response-incomplete'
        | 'HTTP-response-timeout'
        | 'HTTP-upgrade-failed'
        | 'HTTP-protocol-error'
        | 'loop-detected'
        | 'configuration-error';
    }
  | { readonly tag: 'DNS-error'; readonly val: DnsErrorPayload }
  | { readonly tag: 'TLS-alert-received'; readonly val: TlsAlertReceivedPayload }
  | { readonly tag: 'HTTP-request-body-size'; readonly val: bigint | undefined }
  | { readonly tag: 'HTTP-request-header-section-size'; readonly val: number | undefined }
  | { readonly tag: 'HTTP-request-header-size'; readonly val: FieldSizePayload | undefined }
  | { readonly tag: 'HTTP-request-trailer-section-size'; readonly val: number | undefined }
  | { readonly tag: 'HTTP-request-trailer-size'; readonly val: FieldSizePayload }
  | { readonly tag: 'HTTP-response-header-section-size'; readonly val: number | undefined }
  | { readonly tag: 'HTTP-response-header-size'; readonly val: FieldSizePayload }
  | { readonly tag: 'HTTP-response-body-size'; readonly val: bigint | undefined }
  | { readonly tag: 'HTTP-response-trailer-section-size'; readonly val: number | undefined }
  | { readonly tag: 'HTTP-response-trailer-size'; readonly val: FieldSizePayload }
  | { readonly tag: 'HTTP-response-transfer-coding'; readonly val: string | undefined }
  | { readonly tag: 'HTTP-response-content-coding'; readonly val: string | undefined }
  | { readonly tag: 'internal-error'; readonly val: string | undefined };

/** `DNS-error-payload` of wasi:http/types */
export interface DnsErrorPayload {
  readonly rcode: string | undefined;
  readonly infoCode: number | undefined;
}

/** `TLS-alert-received-payload` of wasi:http/types */
export interface TlsAlertReceivedPayload {
  readonly alertId: number | undefined;
  readonly alertMessage: string | undefined;
}

/** `field-size-payload` of wasi:http/types */
export interface FieldSizePayload {
  readonly fieldName: string | undefined;
  readonly fieldSize: number | undefined;
}

/** `header-error` of wasi:http/types */
export type HeaderError =
  | { readonly tag: 'invalid-syntax' | 'forbidden' | 'immutable' | 'size-exceeded' }
  | { readonly tag: 'other'; readonly val: string | undefined };

/** `request-options-error` of wasi:http/types */
export type RequestOptionsError =
  | { readonly tag: 'not-supported' | 'immutable' }
  | { readonly tag: 'other'; readonly val: string | undefined };

/** `field-name` of wasi:http/types */
export type FieldName = string;

/** `field-value` of wasi:http/types */
export type FieldValue = Uint8Array;

/** `status-code` of wasi:http/types */
export type StatusCode = number;

/** wasi:http/types */
export interface HttpTypes<
  R extends { fields: object; 'request-options': object; request: object; response: object },
> {
  '[constructor]fields': () => R['fields'];
  '[static]fields.from-list': (
    entries: readonly (readonly [FieldName, FieldValue])[],
  ) => Result<R['fields'], HeaderError>;
  '[method]fields.get': (self: R['fields'], name: FieldName) => readonly FieldValue[];
  '[method]fields.has': (self: R['fields'], name: FieldName) => boolean;
  '[method]fields.set': (
    self: R['fields'],
    name: FieldName,
    value: readonly FieldValue[],
  ) => Result<undefined, HeaderError>;
  '[method]fields.delete': (self: R['fields'], name: FieldName) => Result<undefined, HeaderError>;
  '[method]fields.get-and-delete': (
    self: R['fields'],
    name: FieldName,
  ) => Result<readonly FieldValue[], HeaderError>;
  '[method]fields.append': (
    self: R['fields'],
    name: FieldName,
    value: FieldValue,
  ) => Result<undefined, HeaderError>;
  '[method]fields.copy-all': (self: R['fields']) => readonly (readonly [FieldName, FieldValue])[];
  '[method]fields.clone': (self: R['fields']) => R['fields'];
  '[static]request.new': (
    headers: R['fields'],
    contents: StreamSource | undefined,
    trailers: FutureSource,
    options: R['request-options'] | undefined,
  ) => readonly [R['request'], FutureSource];
  '[method]request.get-method': (self: R['request']) => Method;
  '[method]request.set-method': (self: R['request'], method: Method) => Result;
  '[method]request.get-path-with-query': (self: R['request']) => string | undefined;
  '[method]request.set-path-with-query': (self: R['request'], pathWithQuery: string | undefined) => Result;
  '[method]request.get-scheme': (self: R['request']) => Scheme | undefined;
  '[method]request.set-scheme': (self: R['request'], scheme: Scheme | undefined) => Result;
  '[method]request.get-authority': (self: R['request']) => string | undefined;
  '[method]request.set-authority': (self: R['request'], authority: string | undefined) => Result;
  '[method]request.get-options': (self: R['request']) => R['request-options'] | undefined;
  '[method]request.get-headers': (self: R['request']) => R['fields'];
  '[static]request.consume-body': (
    self: R['request'],
    res: FutureSource,
  ) => readonly [StreamSource, FutureSource];
  '[constructor]request-options': () => R['request-options'];
  '[method]request-options.get-connect-timeout': (self: R['request-options']) => Duration | undefined;
  '[method]request-options.set-connect-timeout': (
    self: R['request-options'],
    duration: Duration | undefined,
  ) => Result<undefined, RequestOptionsError>;
  '[method]request-options.get-first-byte-timeout': (self: R['request-options']) => Duration | undefined;
  '[method]request-options.set-first-byte-timeout': (
    self: R['request-options'],
    duration: Duration | undefined,
  ) => Result<undefined, RequestOptionsError>;
  '[method]request-options.get-between-bytes-timeout': (self: R['request-options']) => Duration | undefined;
  '[method]request-options.set-between-bytes-timeout': (
    self: R['request-options'],
    duration: Duration | undefined,
  ) => Result<undefined, RequestOptionsError>;
  '[method]request-options.clone': (self: R['request-options']) => R['request-options'];
  '[static]response.new': (
    headers: R['fields'],
    contents: StreamSource | undefined,
    trailers: FutureSource,
  ) => readonly [R['response'], FutureSource];
  '[method]response.get-status-code': (self: R['response']) => StatusCode;
  '[method]response.set-status-code': (self: R['response'], statusCode: StatusCode) => Result;
  '[method]response.get-headers': (self: R['response']) => R['fields'];
  '[static]response.consume-body': (
    self: R['response'],
    res: FutureSource,
  ) => readonly [StreamSource, FutureSource];
}

/** wasi:http/handler */
export interface HttpHandler<R extends { request: object; response: object }> {
  handle: (request: R['request']) => Result<R['response'], HttpErrorCode>;
}

/** wasi:http/client */
export interface HttpClient<R extends { request: object; response: object }> {
  send: (request: R['request']) => Result<R['response'], HttpErrorCode>;
}

/** wasi:random/insecure-seed */
export interface RandomInsecureSeed {
  'get-insecure-seed': () => readonly [bigint, bigint];
}

/** wasi:random/insecure */
export interface RandomInsecure {
  'get-insecure-random-bytes': (maxLen: bigint) => Uint8Array;
  'get-insecure-random-u64': () => bigint;
}

/** wasi:random/random */
export interface RandomRandom {
  'get-random-bytes': (maxLen: bigint) => Uint8Array;
  'get-random-u64': () => bigint;
}

/** `error-code` of wasi:sockets/ip-name-lookup */
export type IpNameLookupErrorCode =
  | {
      readonly tag:
        | 'access-denied'
        | 'invalid-argument'
        | 'name-unresolvable'
        | 'temporary-resolver-failure'
        | 'permanent-resolver-failure';
    }
  | { readonly tag: 'other'; readonly val: string | undefined };

/** wasi:sockets/ip-name-lookup */
export interface SocketsIpNameLookup {
  'resolve-addresses': (name: string) => Result<readonly IpAddress[], IpNameLookupErrorCode>;
}

/** `error-code` of wasi:sockets/types */
export type SocketsErrorCode =
  | {
      readonly tag:
        | 'access-denied'
        | 'not-supported'
        | 'invalid-argument'
        | 'out-of-memory'
        | 'timeout'
        | 'invalid-state'
        | 'address-not-bindable'
        | 'address-in-use'
        | 'remote-unreachable'
        | 'connection-refused'
        | 'connection-broken'
        | 'connection-reset'
        | 'connection-aborted'
        | 'datagram-too-large';
    }
  | { readonly tag: 'other'; readonly val: string | undefined };

/** `ip-address-family` of wasi:sockets/types */
export type IpAddressFamily = 'ipv4' | 'ipv6';

/** `ipv4-address` of wasi:sockets/types */
export type Ipv4Address = readonly [number, number, number, number];

/** `ipv6-address` of wasi:sockets/types */
export type Ipv6Address = readonly [number, number, number, number, number, number, number, number];

/** `ip-address` of wasi:sockets/types */
export type IpAddress =
  | { readonly tag: 'ipv4'; readonly val: Ipv4Address }
  | { readonly tag: 'ipv6'; readonly val: Ipv6Address };

/** `ipv4-socket-address` of wasi:sockets/types */
export interface Ipv4SocketAddress {
  readonly port: number;
  readonly address: Ipv4Address;
}

/** `ipv6-socket-address` of wasi:sockets/types */
export interface Ipv6SocketAddress {
  readonly port: number;
  readonly flowInfo: number;
  readonly address: Ipv6Address;
  readonly scopeId: number;
}

/** `ip-socket-address` of wasi:sockets/types */
export type IpSocketAddress =
  | { readonly tag: 'ipv4'; readonly val: Ipv4SocketAddress }
  | { readonly tag: 'ipv6'; readonly val: Ipv6SocketAddress };

/** wasi:sockets/types */
export interface SocketsTypes<R extends { 'tcp-socket': object; 'udp-socket': object }> {
  '[static]tcp-socket.create': (addressFamily: IpAddressFamily) => Result<R['tcp-socket'], SocketsErrorCode>;
  '[method]tcp-socket.bind': (
    self: R['tcp-socket'],
    localAddress: IpSocketAddress,
  ) => Result<undefined, SocketsErrorCode>;
  '[method]tcp-socket.connect': (
    self: R['tcp-socket'],
    remoteAddress: IpSocketAddress,
  ) => Result<undefined, SocketsErrorCode>;
  '[method]tcp-socket.listen': (self: R['tcp-socket']) => Result<StreamSource, SocketsErrorCode>;
  '[method]tcp-socket.send': (self: R['tcp-socket'], data: StreamSource) => FutureSource;
  '[method]tcp-socket.receive': (self: R['tcp-socket']) => readonly [StreamSource, FutureSource];
  '[method]tcp-socket.get-local-address': (
    self: R['tcp-socket'],
  ) => Result<IpSocketAddress, SocketsErrorCode>;
  '[method]tcp-socket.get-remote-address': (
    self: R['tcp-socket'],
  ) => Result<IpSocketAddress, SocketsErrorCode>;
  '[method]tcp-socket.get-is-listening': (self: R['tcp-socket']) => boolean;
  '[method]tcp-socket.get-address-family': (self: R['tcp-socket']) => IpAddressFamily;
  '[method]tcp-socket.set-listen-backlog-size': (
    self: R['tcp-socket'],
    value: bigint,
  ) => Result<undefined, SocketsErrorCode>;
  '[method]tcp-socket.get-keep-alive-enabled': (self: R['tcp-socket']) => Result<boolean, SocketsErrorCode>;
  '[method]tcp-socket.set-keep-alive-enabled': (
    self: R['tcp-socket'],
    value: boolean,
  ) => Result<undefined, SocketsErrorCode>;
  '[method]tcp-socket.get-keep-alive-idle-time': (
    self: R['tcp-socket'],
  ) => Result<Duration, SocketsErrorCode>;
  '[method]tcp-socket.set-keep-alive-idle-time': (
    self: R['tcp-socket'],
    value: Duration,
  ) => Result<undefined, SocketsErrorCode>;
  '[method]tcp-socket.get-keep-alive-interval': (self: R['tcp-socket']) => Result<Duration, SocketsErrorCode>;
  '[method]tcp-socket.set-keep-alive-interval': (
    self: R['tcp-socket'],
    value: Duration,
  ) => Result<undefined, SocketsErrorCode>;
  '[method]tcp-socket.get-keep-alive-count': (self: R['tcp-socket']) => Result<number, SocketsErrorCode>;
  '[method]tcp-socket.set-keep-alive-count': (
    self: R['tcp-socket'],
    value: number,
  ) => Result<undefined, SocketsErrorCode>;
  '[method]tcp-socket.get-hop-limit': (self: R['tcp-socket']) => Result<number, SocketsErrorCode>;
  '[method]tcp-socket.set-hop-limit': (
    self: R['tcp-socket'],
    value: number,
  ) => Result<undefined, SocketsErrorCode>;
  '[method]tcp-socket.get-receive-buffer-size': (self: R['tcp-socket']) => Result<bigint, SocketsErrorCode>;
  '[method]tcp-socket.set-receive-buffer-size': (
    self: R['tcp-socket'],
    value: bigint,
  ) => Result<undefined, SocketsErrorCode>;
  '[method]tcp-socket.get-send-buffer-size': (self: R['tcp-socket']) => Result<bigint, SocketsErrorCode>;
  '[method]tcp-socket.set-send-buffer-size': (
    self: R['tcp-socket'],
    value: bigint,
  ) => Result<undefined, SocketsErrorCode>;
  '[static]udp-socket.create': (addressFamily: IpAddressFamily) => Result<R['udp-socket'], SocketsErrorCode>;
  '[method]udp-socket.bind': (
    self: R['udp-socket'],
    localAddress: IpSocketAddress,
  ) => Result<undefined, SocketsErrorCode>;
  '[method]udp-socket.connect': (
    self: R['udp-socket'],
    remoteAddress: IpSocketAddress,
  ) => Result<undefined, SocketsErrorCode>;
  '[method]udp-socket.disconnect': (self: R['udp-socket']) => Result<undefined, SocketsErrorCode>;
  '[method]udp-socket.send': (
    self: R['udp-socket'],
    data: Uint8Array,
    remoteAddress: IpSocketAddress | undefined,
  ) => Result<undefined, SocketsErrorCode>;
  '[method]udp-socket.receive': (
    self: R['udp-socket'],
  ) => Result<readonly [Uint8Array, IpSocketAddress], SocketsErrorCode>;
  '[method]udp-socket.get-local-address': (
    self: R['udp-socket'],
  ) => Result<IpSocketAddress, SocketsErrorCode>;
  '[method]udp-socket.get-remote-address': (
    self: R['udp-socket'],
  ) => Result<IpSocketAddress, SocketsErrorCode>;
  '[method]udp-socket.get-address-family': (self: R['udp-socket']) => IpAddressFamily;
  '[method]udp-socket.get-unicast-hop-limit': (self: R['udp-socket']) => Result<number, SocketsErrorCode>;
  '[method]udp-socket.set-unicast-hop-limit': (
    self: R['udp-socket'],
    value: number,
  ) => Result<undefined, SocketsErrorCode>;
  '[method]udp-socket.get-receive-buffer-size': (self: R['udp-socket']) => Result<bigint, SocketsErrorCode>;
  '[method]udp-socket.set-receive-buffer-size': (
    self: R['udp-socket'],
    value: bigint,
  ) => Result<undefined, SocketsErrorCode>;
  '[method]udp-socket.get-send-buffer-size': (self: R['udp-socket']) => Result<bigint, SocketsErrorCode>;
  '[method]udp-socket.set-send-buffer-size': (
    self: R['udp-socket'],
    value: bigint,
  ) => Result<undefined, SocketsErrorCode>;
}
