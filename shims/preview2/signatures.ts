// Made by scripts/generate-wit-types.ts from the packages of WASI 0.2 in wit/deps.

const METADATA_HASH_VALUE = 'record { lower: u64, upper: u64 }';
const SCHEME = 'variant { HTTP, HTTPS, other(string) }';
const DATETIME = 'record { seconds: u64, nanoseconds: u32 }';
const OPEN_FLAGS = 'flags { create, directory, exclusive, truncate }';
const HEADER_ERROR = 'variant { invalid-syntax, forbidden, immutable }';
const IPV4_SOCKET_ADDRESS = 'record { port: u16, address: tuple<u8, u8, u8, u8> }';
const STREAM_ERROR = 'variant { last-operation-failed(own<error>), closed }';
const DNS_ERROR_PAYLOAD = 'record { rcode: option<string>, info-code: option<u16> }';
const TLS_ALERT_RECEIVED_PAYLOAD = 'record { alert-id: option<u8>, alert-message: option<string> }';
const FIELD_SIZE_PAYLOAD = 'record { field-name: option<string>, field-size: option<u32> }';
const ADVICE = 'enum { normal, sequential, random, will-need, dont-need, no-reuse }';
const TIMEZONE_DISPLAY = 'record { utc-offset: s32, name: string, in-daylight-saving-time: bool }';
const NEW_TIMESTAMP = `variant { no-change, now, timestamp(${DATETIME}) }`;
const METHOD = 'variant { get, head, post, put, delete, connect, options, trace, patch, other(string) }';
const IP_ADDRESS =
  'variant { ipv4(tuple<u8, u8, u8, u8>), ipv6(tuple<u16, u16, u16, u16, u16, u16, u16, u16>) }';
const DESCRIPTOR_TYPE =
  'enum { unknown, block-device, character-device, directory, fifo, symbolic-link, regular-file, socket }';
const DESCRIPTOR_FLAGS =
  'flags { read, write, file-integrity-sync, data-integrity-sync, requested-write-sync, mutate-directory }';
const IPV6_SOCKET_ADDRESS =
  'record { port: u16, flow-info: u32, address: tuple<u16, u16, u16, u16, u16, u16, u16, u16>, scope-id: u32 }';
const DIRECTORY_ENTRY = `record { type: ${DESCRIPTOR_TYPE}, name: string }`;
const IP_SOCKET_ADDRESS = `variant { ipv4(${IPV4_SOCKET_ADDRESS}), ipv6(${IPV6_SOCKET_ADDRESS}) }`;
const INCOMING_DATAGRAM = `record { data: list<u8>, remote-address: ${IP_SOCKET_ADDRESS} }`;
const OUTGOING_DATAGRAM = `record { data: list<u8>, remote-address: option<${IP_SOCKET_ADDRESS}> }`;
const DESCRIPTOR_STAT = `record { type: ${DESCRIPTOR_TYPE}, link-count: u64, size: u64, data-access-timestamp: option<${DATETIME}>, data-modification-timestamp: option<${DATETIME}>, status-change-timestamp: option<${DATETIME}> }`;
const NETWORK_ERROR_CODE =
  'enum { unknown, access-denied, not-supported, invalid-argument, out-of-memory, timeout, concurrency-conflict, not-in-progress, would-block, invalid-state, new-socket-limit, address-not-bindable, address-in-use, remote-unreachable, connection-refused, connection-reset, connection-aborted, datagram-too-large, name-unresolvable, temporary-resolver-failure, permanent-resolver-failure }';
const FILESYSTEM_ERROR_CODE =
  'enum { access, would-block, already, bad-descriptor, busy, deadlock, quota, exist, file-too-large, illegal-byte-sequence, in-progress, interrupted, invalid, io, is-directory, loop, too-many-links, message-size, name-too-long, no-device, no-entry, no-lock, insufficient-memory, insufficient-space, not-directory, not-empty, not-recoverable, unsupported, no-tty, no-such-device, overflow, not-permitted, pipe, read-only, invalid-seek, text-file-busy, cross-device }';
const HTTP_ERROR_CODE = `variant { DNS-timeout, DNS-error(${DNS_ERROR_PAYLOAD}), destination-not-found, destination-unavailable, destination-IP-prohibited, destination-IP-unroutable, connection-refused, connection-terminated, connection-timeout, connection-read-timeout, connection-write-timeout, connection-limit-reached, TLS-protocol-error, TLS-certificate-error, TLS-alert-received(${TLS_ALERT_RECEIVED_PAYLOAD}), HTTP-request-denied, HTTP-request-length-required, HTTP-request-body-size(option<u64>), HTTP-request-method-invalid, HTTP-request-URI-invalid, HTTP-request-URI-too-long, HTTP-request-header-section-size(option<u32>), HTTP-request-header-size(option<${FIELD_SIZE_PAYLOAD}>), HTTP-request-trailer-section-size(option<u32>), HTTP-request-trailer-size(${FIELD_SIZE_PAYLOAD}), HTTP-response-incomplete, HTTP-response-header-section-size(option<u32>), HTTP-response-header-size(${FIELD_SIZE_PAYLOAD}), HTTP-response-body-size(option<u64>), HTTP-response-trailer-section-size(option<u32>), HTTP-response-trailer-size(${FIELD_SIZE_PAYLOAD}), HTTP-response-transfer-coding(option<string>), HTTP-response-content-coding(option<string>), HTTP-response-timeout, HTTP-upgrade-failed, HTTP-protocol-error, loop-detected, configuration-error, internal-error(option<string>) }`;

/** Types of functions as `typeText` writes them, by interface (without its version) and name. */
export const SIGNATURES: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  [
    'wasi:cli/environment',
    new Map([
      ['get-environment', 'func() -> list<tuple<string, string>>'],
      ['get-arguments', 'func() -> list<string>'],
      ['initial-cwd', 'func() -> option<string>'],
    ]),
  ],
  [
    'wasi:cli/exit',
    new Map([
      ['exit', 'func(status: result)'],
      ['exit-with-code', 'func(status-code: u8)'],
    ]),
  ],
  ['wasi:cli/run', new Map([['run', 'func() -> result']])],
  ['wasi:cli/stdin', new Map([['get-stdin', 'func() -> own<input-stream>']])],
  ['wasi:cli/stdout', new Map([['get-stdout', 'func() -> own<output-stream>']])],
  ['wasi:cli/stderr', new Map([['get-stderr', 'func() -> own<output-stream>']])],
  ['wasi:cli/terminal-stdin', new Map([['get-terminal-stdin', 'func() -> option<own<terminal-input>>']])],
  ['wasi:cli/terminal-stdout', new Map([['get-terminal-stdout', 'func() -> option<own<terminal-output>>']])],
  ['wasi:cli/terminal-stderr', new Map([['get-terminal-stderr', 'func() -> option<own<terminal-output>>']])],
  [
    'wasi:clocks/monotonic-clock',
    new Map([
      ['now', 'func() -> u64'],
      ['resolution', 'func() -> u64'],
      ['subscribe-instant', 'func(when: u64) -> own<pollable>'],
      ['subscribe-duration', 'func(when: u64) -> own<pollable>'],
    ]),
  ],
  [
    'wasi:clocks/timezone',
    new Map([
      ['display', `func(when: ${DATETIME}) -> ${TIMEZONE_DISPLAY}`],
      ['utc-offset', `func(when: ${DATETIME}) -> s32`],
    ]),
  ],
  [
    'wasi:clocks/wall-clock',
    new Map([
      ['now', `func() -> ${DATETIME}`],
      ['resolution', `func() -> ${DATETIME}`],
    ]),
  ],
  [
    'wasi:filesystem/preopens',
    new Map([['get-directories', 'func() -> list<tuple<own<descriptor>, string>>']]),
  ],
  [
    'wasi:filesystem/types',
    new Map([
      [
        '[method]descriptor.read-via-stream',
        `func(self: borrow<descriptor>, offset: u64) -> result<own<input-stream>, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.write-via-stream',
        `func(self: borrow<descriptor>, offset: u64) -> result<own<output-stream>, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.append-via-stream',
        `func(self: borrow<descriptor>) -> result<own<output-stream>, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.advise',
        `func(self: borrow<descriptor>, offset: u64, length: u64, advice: ${ADVICE}) -> result<_, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.sync-data',
        `func(self: borrow<descriptor>) -> result<_, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.get-flags',
        `func(self: borrow<descriptor>) -> result<${DESCRIPTOR_FLAGS}, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.get-type',
        `func(self: borrow<descriptor>) -> result<${DESCRIPTOR_TYPE}, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.set-size',
        `func(self: borrow<descriptor>, size: u64) -> result<_, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.set-times',
        `func(self: borrow<descriptor>, data-access-timestamp: ${NEW_TIMESTAMP}, data-modification-timestamp: ${NEW_TIMESTAMP}) -> result<_, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.read',
        `func(self: borrow<descriptor>, length: u64, offset: u64) -> result<tuple<list<u8>, bool>, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.write',
        `func(self: borrow<descriptor>, buffer: list<u8>, offset: u64) -> result<u64, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.read-directory',
        `func(self: borrow<descriptor>) -> result<own<directory-entry-stream>, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      ['[method]descriptor.sync', `func(self: borrow<descriptor>) -> result<_, ${FILESYSTEM_ERROR_CODE}>`],
      [
        '[method]descriptor.create-directory-at',
        `func(self: borrow<descriptor>, path: string) -> result<_, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.stat',
        `func(self: borrow<descriptor>) -> result<${DESCRIPTOR_STAT}, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.stat-at',
        `func(self: borrow<descriptor>, path-flags: flags { symlink-follow }, path: string) -> result<${DESCRIPTOR_STAT}, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.set-times-at',
        `func(self: borrow<descriptor>, path-flags: flags { symlink-follow }, path: string, data-access-timestamp: ${NEW_TIMESTAMP}, data-modification-timestamp: ${NEW_TIMESTAMP}) -> result<_, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.link-at',
        `func(self: borrow<descriptor>, old-path-flags: flags { symlink-follow }, old-path: string, new-descriptor: borrow<descriptor>, new-path: string) -> result<_, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.open-at',
        `func(self: borrow<descriptor>, path-flags: flags { symlink-follow }, path: string, open-flags: ${OPEN_FLAGS}, flags: ${DESCRIPTOR_FLAGS}) -> result<own<descriptor>, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.readlink-at',
        `func(self: borrow<descriptor>, path: string) -> result<string, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.remove-directory-at',
        `func(self: borrow<descriptor>, path: string) -> result<_, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.rename-at',
        `func(self: borrow<descriptor>, old-path: string, new-descriptor: borrow<descriptor>, new-path: string) -> result<_, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.symlink-at',
        `func(self: borrow<descriptor>, old-path: string, new-path: string) -> result<_, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.unlink-file-at',
        `func(self: borrow<descriptor>, path: string) -> result<_, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.is-same-object',
        'func(self: borrow<descriptor>, other: borrow<descriptor>) -> bool',
      ],
      [
        '[method]descriptor.metadata-hash',
        `func(self: borrow<descriptor>) -> result<${METADATA_HASH_VALUE}, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.metadata-hash-at',
        `func(self: borrow<descriptor>, path-flags: flags { symlink-follow }, path: string) -> result<${METADATA_HASH_VALUE}, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]directory-entry-stream.read-directory-entry',
        `func(self: borrow<directory-entry-stream>) -> result<option<${DIRECTORY_ENTRY}>, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      ['filesystem-error-code', `func(err: borrow<error>) -> option<${FILESYSTEM_ERROR_CODE}>`],
    ]),
  ],
  [
    'wasi:http/incoming-handler',
    new Map([['handle', 'func(request: own<incoming-request>, response-out: own<response-outparam>)']]),
  ],
  [
    'wasi:http/outgoing-handler',
    new Map([
      [
        'handle',
        `func(request: own<outgoing-request>, options: option<own<request-options>>) -> result<own<future-incoming-response>, ${HTTP_ERROR_CODE}>`,
      ],
    ]),
  ],
  [
    'wasi:http/types',
    new Map([
      ['http-error-code', `func(err: borrow<error>) -> option<${HTTP_ERROR_CODE}>`],
      ['[constructor]fields', 'func() -> own<fields>'],
      [
        '[static]fields.from-list',
        `func(entries: list<tuple<string, list<u8>>>) -> result<own<fields>, ${HEADER_ERROR}>`,
      ],
      ['[method]fields.get', 'func(self: borrow<fields>, name: string) -> list<list<u8>>'],
      ['[method]fields.has', 'func(self: borrow<fields>, name: string) -> bool'],
      [
        '[method]fields.set',
        `func(self: borrow<fields>, name: string, value: list<list<u8>>) -> result<_, ${HEADER_ERROR}>`,
      ],
      ['[method]fields.delete', `func(self: borrow<fields>, name: string) -> result<_, ${HEADER_ERROR}>`],
      [
        '[method]fields.append',
        `func(self: borrow<fields>, name: string, value: list<u8>) -> result<_, ${HEADER_ERROR}>`,
      ],
      ['[method]fields.entries', 'func(self: borrow<fields>) -> list<tuple<string, list<u8>>>'],
      ['[method]fields.clone', 'func(self: borrow<fields>) -> own<fields>'],
      ['[method]incoming-request.method', `func(self: borrow<incoming-request>) -> ${METHOD}`],
      ['[method]incoming-request.path-with-query', 'func(self: borrow<incoming-request>) -> option<string>'],
      ['[method]incoming-request.scheme', `func(self: borrow<incoming-request>) -> option<${SCHEME}>`],
      ['[method]incoming-request.authority', 'func(self: borrow<incoming-request>) -> option<string>'],
      ['[method]incoming-request.headers', 'func(self: borrow<incoming-request>) -> own<fields>'],
      [
        '[method]incoming-request.consume',
        'func(self: borrow<incoming-request>) -> result<own<incoming-body>>',
      ],
      ['[constructor]outgoing-request', 'func(headers: own<fields>) -> own<outgoing-request>'],
      ['[method]outgoing-request.body', 'func(self: borrow<outgoing-request>) -> result<own<outgoing-body>>'],
      ['[method]outgoing-request.method', `func(self: borrow<outgoing-request>) -> ${METHOD}`],
      [
        '[method]outgoing-request.set-method',
        `func(self: borrow<outgoing-request>, method: ${METHOD}) -> result`,
      ],
      ['[method]outgoing-request.path-with-query', 'func(self: borrow<outgoing-request>) -> option<string>'],
      [
        '[method]outgoing-request.set-path-with-query',
        'func(self: borrow<outgoing-request>, path-with-query: option<string>) -> result',
      ],
      ['[method]outgoing-request.scheme', `func(self: borrow<outgoing-request>) -> option<${SCHEME}>`],
      [
        '[method]outgoing-request.set-scheme',
        `func(self: borrow<outgoing-request>, scheme: option<${SCHEME}>) -> result`,
      ],
      ['[method]outgoing-request.authority', 'func(self: borrow<outgoing-request>) -> option<string>'],
      [
        '[method]outgoing-request.set-authority',
        'func(self: borrow<outgoing-request>, authority: option<string>) -> result',
      ],
      ['[method]outgoing-request.headers', 'func(self: borrow<outgoing-request>) -> own<fields>'],
      ['[constructor]request-options', 'func() -> own<request-options>'],
      ['[method]request-options.connect-timeout', 'func(self: borrow<request-options>) -> option<u64>'],
      [
        '[method]request-options.set-connect-timeout',
        'func(self: borrow<request-options>, duration: option<u64>) -> result',
      ],
      ['[method]request-options.first-byte-timeout', 'func(self: borrow<request-options>) -> option<u64>'],
      [
        '[method]request-options.set-first-byte-timeout',
        'func(self: borrow<request-options>, duration: option<u64>) -> result',
      ],
      ['[method]request-options.between-bytes-timeout', 'func(self: borrow<request-options>) -> option<u64>'],
      [
        '[method]request-options.set-between-bytes-timeout',
        'func(self: borrow<request-options>, duration: option<u64>) -> result',
      ],
      [
        '[method]response-outparam.send-informational',
        `func(self: borrow<response-outparam>, status: u16, headers: own<fields>) -> result<_, ${HTTP_ERROR_CODE}>`,
      ],
      [
        '[static]response-outparam.set',
        `func(param: own<response-outparam>, response: result<own<outgoing-response>, ${HTTP_ERROR_CODE}>)`,
      ],
      ['[method]incoming-response.status', 'func(self: borrow<incoming-response>) -> u16'],
      ['[method]incoming-response.headers', 'func(self: borrow<incoming-response>) -> own<fields>'],
      [
        '[method]incoming-response.consume',
        'func(self: borrow<incoming-response>) -> result<own<incoming-body>>',
      ],
      ['[method]incoming-body.stream', 'func(self: borrow<incoming-body>) -> result<own<input-stream>>'],
      ['[static]incoming-body.finish', 'func(this: own<incoming-body>) -> own<future-trailers>'],
      ['[method]future-trailers.subscribe', 'func(self: borrow<future-trailers>) -> own<pollable>'],
      [
        '[method]future-trailers.get',
        `func(self: borrow<future-trailers>) -> option<result<result<option<own<fields>>, ${HTTP_ERROR_CODE}>>>`,
      ],
      ['[constructor]outgoing-response', 'func(headers: own<fields>) -> own<outgoing-response>'],
      ['[method]outgoing-response.status-code', 'func(self: borrow<outgoing-response>) -> u16'],
      [
        '[method]outgoing-response.set-status-code',
        'func(self: borrow<outgoing-response>, status-code: u16) -> result',
      ],
      ['[method]outgoing-response.headers', 'func(self: borrow<outgoing-response>) -> own<fields>'],
      [
        '[method]outgoing-response.body',
        'func(self: borrow<outgoing-response>) -> result<own<outgoing-body>>',
      ],
      ['[method]outgoing-body.write', 'func(self: borrow<outgoing-body>) -> result<own<output-stream>>'],
      [
        '[static]outgoing-body.finish',
        `func(this: own<outgoing-body>, trailers: option<own<fields>>) -> result<_, ${HTTP_ERROR_CODE}>`,
      ],
      [
        '[method]future-incoming-response.subscribe',
        'func(self: borrow<future-incoming-response>) -> own<pollable>',
      ],
      [
        '[method]future-incoming-response.get',
        `func(self: borrow<future-incoming-response>) -> option<result<result<own<incoming-response>, ${HTTP_ERROR_CODE}>>>`,
      ],
    ]),
  ],
  ['wasi:io/error', new Map([['[method]error.to-debug-string', 'func(self: borrow<error>) -> string']])],
  [
    'wasi:io/poll',
    new Map([
      ['[method]pollable.ready', 'func(self: borrow<pollable>) -> bool'],
      ['[method]pollable.block', 'func(self: borrow<pollable>)'],
      ['poll', 'func(in: list<borrow<pollable>>) -> list<u32>'],
    ]),
  ],
  [
    'wasi:io/streams',
    new Map([
      [
        '[method]input-stream.read',
        `func(self: borrow<input-stream>, len: u64) -> result<list<u8>, ${STREAM_ERROR}>`,
      ],
      [
        '[method]input-stream.blocking-read',
        `func(self: borrow<input-stream>, len: u64) -> result<list<u8>, ${STREAM_ERROR}>`,
      ],
      [
        '[method]input-stream.skip',
        `func(self: borrow<input-stream>, len: u64) -> result<u64, ${STREAM_ERROR}>`,
      ],
      [
        '[method]input-stream.blocking-skip',
        `func(self: borrow<input-stream>, len: u64) -> result<u64, ${STREAM_ERROR}>`,
      ],
      ['[method]input-stream.subscribe', 'func(self: borrow<input-stream>) -> own<pollable>'],
      [
        '[method]output-stream.check-write',
        `func(self: borrow<output-stream>) -> result<u64, ${STREAM_ERROR}>`,
      ],
      [
        '[method]output-stream.write',
        `func(self: borrow<output-stream>, contents: list<u8>) -> result<_, ${STREAM_ERROR}>`,
      ],
      [
        '[method]output-stream.blocking-write-and-flush',
        `func(self: borrow<output-stream>, contents: list<u8>) -> result<_, ${STREAM_ERROR}>`,
      ],
      ['[method]output-stream.flush', `func(self: borrow<output-stream>) -> result<_, ${STREAM_ERROR}>`],
      [
        '[method]output-stream.blocking-flush',
        `func(self: borrow<output-stream>) -> result<_, ${STREAM_ERROR}>`,
      ],
      ['[method]output-stream.subscribe', 'func(self: borrow<output-stream>) -> own<pollable>'],
      [
        '[method]output-stream.write-zeroes',
        `func(self: borrow<output-stream>, len: u64) -> result<_, ${STREAM_ERROR}>`,
      ],
      [
        '[method]output-stream.blocking-write-zeroes-and-flush',
        `func(self: borrow<output-stream>, len: u64) -> result<_, ${STREAM_ERROR}>`,
      ],
      [
        '[method]output-stream.splice',
        `func(self: borrow<output-stream>, src: borrow<input-stream>, len: u64) -> result<u64, ${STREAM_ERROR}>`,
      ],
      [
        '[method]output-stream.blocking-splice',
        `func(self: borrow<output-stream>, src: borrow<input-stream>, len: u64) -> result<u64, ${STREAM_ERROR}>`,
      ],
    ]),
  ],
  ['wasi:random/insecure-seed', new Map([['insecure-seed', 'func() -> tuple<u64, u64>']])],
  [
    'wasi:random/insecure',
    new Map([
      ['get-insecure-random-bytes', 'func(len: u64) -> list<u8>'],
      ['get-insecure-random-u64', 'func() -> u64'],
    ]),
  ],
  [
    'wasi:random/random',
    new Map([
      ['get-random-bytes', 'func(len: u64) -> list<u8>'],
      ['get-random-u64', 'func() -> u64'],
    ]),
  ],
  ['wasi:sockets/instance-network', new Map([['instance-network', 'func() -> own<network>']])],
  [
    'wasi:sockets/ip-name-lookup',
    new Map([
      [
        'resolve-addresses',
        `func(network: borrow<network>, name: string) -> result<own<resolve-address-stream>, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]resolve-address-stream.resolve-next-address',
        `func(self: borrow<resolve-address-stream>) -> result<option<${IP_ADDRESS}>, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]resolve-address-stream.subscribe',
        'func(self: borrow<resolve-address-stream>) -> own<pollable>',
      ],
    ]),
  ],
  [
    'wasi:sockets/network',
    new Map([['network-error-code', `func(err: borrow<error>) -> option<${NETWORK_ERROR_CODE}>`]]),
  ],
  [
    'wasi:sockets/tcp-create-socket',
    new Map([
      [
        'create-tcp-socket',
        `func(address-family: enum { ipv4, ipv6 }) -> result<own<tcp-socket>, ${NETWORK_ERROR_CODE}>`,
      ],
    ]),
  ],
  [
    'wasi:sockets/tcp',
    new Map([
      [
        '[method]tcp-socket.start-bind',
        `func(self: borrow<tcp-socket>, network: borrow<network>, local-address: ${IP_SOCKET_ADDRESS}) -> result<_, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.finish-bind',
        `func(self: borrow<tcp-socket>) -> result<_, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.start-connect',
        `func(self: borrow<tcp-socket>, network: borrow<network>, remote-address: ${IP_SOCKET_ADDRESS}) -> result<_, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.finish-connect',
        `func(self: borrow<tcp-socket>) -> result<tuple<own<input-stream>, own<output-stream>>, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.start-listen',
        `func(self: borrow<tcp-socket>) -> result<_, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.finish-listen',
        `func(self: borrow<tcp-socket>) -> result<_, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.accept',
        `func(self: borrow<tcp-socket>) -> result<tuple<own<tcp-socket>, own<input-stream>, own<output-stream>>, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.local-address',
        `func(self: borrow<tcp-socket>) -> result<${IP_SOCKET_ADDRESS}, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.remote-address',
        `func(self: borrow<tcp-socket>) -> result<${IP_SOCKET_ADDRESS}, ${NETWORK_ERROR_CODE}>`,
      ],
      ['[method]tcp-socket.is-listening', 'func(self: borrow<tcp-socket>) -> bool'],
      ['[method]tcp-socket.address-family', 'func(self: borrow<tcp-socket>) -> enum { ipv4, ipv6 }'],
      [
        '[method]tcp-socket.set-listen-backlog-size',
        `func(self: borrow<tcp-socket>, value: u64) -> result<_, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.keep-alive-enabled',
        `func(self: borrow<tcp-socket>) -> result<bool, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.set-keep-alive-enabled',
        `func(self: borrow<tcp-socket>, value: bool) -> result<_, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.keep-alive-idle-time',
        `func(self: borrow<tcp-socket>) -> result<u64, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.set-keep-alive-idle-time',
        `func(self: borrow<tcp-socket>, value: u64) -> result<_, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.keep-alive-interval',
        `func(self: borrow<tcp-socket>) -> result<u64, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.set-keep-alive-interval',
        `func(self: borrow<tcp-socket>, value: u64) -> result<_, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.keep-alive-count',
        `func(self: borrow<tcp-socket>) -> result<u32, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.set-keep-alive-count',
        `func(self: borrow<tcp-socket>, value: u32) -> result<_, ${NETWORK_ERROR_CODE}>`,
      ],
      ['[method]tcp-socket.hop-limit', `func(self: borrow<tcp-socket>) -> result<u8, ${NETWORK_ERROR_CODE}>`],
      [
        '[method]tcp-socket.set-hop-limit',
        `func(self: borrow<tcp-socket>, value: u8) -> result<_, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.receive-buffer-size',
        `func(self: borrow<tcp-socket>) -> result<u64, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.set-receive-buffer-size',
        `func(self: borrow<tcp-socket>, value: u64) -> result<_, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.send-buffer-size',
        `func(self: borrow<tcp-socket>) -> result<u64, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.set-send-buffer-size',
        `func(self: borrow<tcp-socket>, value: u64) -> result<_, ${NETWORK_ERROR_CODE}>`,
      ],
      ['[method]tcp-socket.subscribe', 'func(self: borrow<tcp-socket>) -> own<pollable>'],
      [
        '[method]tcp-socket.shutdown',
        `func(self: borrow<tcp-socket>, shutdown-type: enum { receive, send, both }) -> result<_, ${NETWORK_ERROR_CODE}>`,
      ],
    ]),
  ],
  [
    'wasi:sockets/udp-create-socket',
    new Map([
      [
        'create-udp-socket',
        `func(address-family: enum { ipv4, ipv6 }) -> result<own<udp-socket>, ${NETWORK_ERROR_CODE}>`,
      ],
    ]),
  ],
  [
    'wasi:sockets/udp',
    new Map([
      [
        '[method]udp-socket.start-bind',
        `func(self: borrow<udp-socket>, network: borrow<network>, local-address: ${IP_SOCKET_ADDRESS}) -> result<_, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]udp-socket.finish-bind',
        `func(self: borrow<udp-socket>) -> result<_, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]udp-socket.stream',
        `func(self: borrow<udp-socket>, remote-address: option<${IP_SOCKET_ADDRESS}>) -> result<tuple<own<incoming-datagram-stream>, own<outgoing-datagram-stream>>, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]udp-socket.local-address',
        `func(self: borrow<udp-socket>) -> result<${IP_SOCKET_ADDRESS}, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]udp-socket.remote-address',
        `func(self: borrow<udp-socket>) -> result<${IP_SOCKET_ADDRESS}, ${NETWORK_ERROR_CODE}>`,
      ],
      ['[method]udp-socket.address-family', 'func(self: borrow<udp-socket>) -> enum { ipv4, ipv6 }'],
      [
        '[method]udp-socket.unicast-hop-limit',
        `func(self: borrow<udp-socket>) -> result<u8, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]udp-socket.set-unicast-hop-limit',
        `func(self: borrow<udp-socket>, value: u8) -> result<_, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]udp-socket.receive-buffer-size',
        `func(self: borrow<udp-socket>) -> result<u64, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]udp-socket.set-receive-buffer-size',
        `func(self: borrow<udp-socket>, value: u64) -> result<_, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]udp-socket.send-buffer-size',
        `func(self: borrow<udp-socket>) -> result<u64, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]udp-socket.set-send-buffer-size',
        `func(self: borrow<udp-socket>, value: u64) -> result<_, ${NETWORK_ERROR_CODE}>`,
      ],
      ['[method]udp-socket.subscribe', 'func(self: borrow<udp-socket>) -> own<pollable>'],
      [
        '[method]incoming-datagram-stream.receive',
        `func(self: borrow<incoming-datagram-stream>, max-results: u64) -> result<list<${INCOMING_DATAGRAM}>, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]incoming-datagram-stream.subscribe',
        'func(self: borrow<incoming-datagram-stream>) -> own<pollable>',
      ],
      [
        '[method]outgoing-datagram-stream.check-send',
        `func(self: borrow<outgoing-datagram-stream>) -> result<u64, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]outgoing-datagram-stream.send',
        `func(self: borrow<outgoing-datagram-stream>, datagrams: list<${OUTGOING_DATAGRAM}>) -> result<u64, ${NETWORK_ERROR_CODE}>`,
      ],
      [
        '[method]outgoing-datagram-stream.subscribe',
        'func(self: borrow<outgoing-datagram-stream>) -> own<pollable>',
      ],
    ]),
  ],
]);
