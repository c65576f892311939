// Made by scripts/generate-wit-types.ts from the packages of WASI 0.3.0 in wit/deps.

const METADATA_HASH_VALUE = 'record { lower: u64, upper: u64 }';
const SCHEME = 'variant { HTTP, HTTPS, other(string) }';
const CLI_ERROR_CODE = 'enum { io, illegal-byte-sequence, pipe }';
const INSTANT = 'record { seconds: s64, nanoseconds: u32 }';
const OPEN_FLAGS = 'flags { create, directory, exclusive, truncate }';
const IPV4_SOCKET_ADDRESS = 'record { port: u16, address: tuple<u8, u8, u8, u8> }';
const DNS_ERROR_PAYLOAD = 'record { rcode: option<string>, info-code: option<u16> }';
const REQUEST_OPTIONS_ERROR = 'variant { not-supported, immutable, other(option<string>) }';
const TLS_ALERT_RECEIVED_PAYLOAD = 'record { alert-id: option<u8>, alert-message: option<string> }';
const FIELD_SIZE_PAYLOAD = 'record { field-name: option<string>, field-size: option<u32> }';
const ADVICE = 'enum { normal, sequential, random, will-need, dont-need, no-reuse }';
const NEW_TIMESTAMP = `variant { no-change, now, timestamp(${INSTANT}) }`;
const HEADER_ERROR = 'variant { invalid-syntax, forbidden, immutable, size-exceeded, other(option<string>) }';
const METHOD = 'variant { get, head, post, put, delete, connect, options, trace, patch, other(string) }';
const IP_ADDRESS =
  'variant { ipv4(tuple<u8, u8, u8, u8>), ipv6(tuple<u16, u16, u16, u16, u16, u16, u16, u16>) }';
const DESCRIPTOR_FLAGS =
  'flags { read, write, file-integrity-sync, data-integrity-sync, requested-write-sync, mutate-directory }';
const IPV6_SOCKET_ADDRESS =
  'record { port: u16, flow-info: u32, address: tuple<u16, u16, u16, u16, u16, u16, u16, u16>, scope-id: u32 }';
const DESCRIPTOR_TYPE =
  'variant { block-device, character-device, directory, fifo, symbolic-link, regular-file, socket, other(option<string>) }';
const IP_NAME_LOOKUP_ERROR_CODE =
  'variant { access-denied, invalid-argument, name-unresolvable, temporary-resolver-failure, permanent-resolver-failure, other(option<string>) }';
const DIRECTORY_ENTRY = `record { type: ${DESCRIPTOR_TYPE}, name: string }`;
const IP_SOCKET_ADDRESS = `variant { ipv4(${IPV4_SOCKET_ADDRESS}), ipv6(${IPV6_SOCKET_ADDRESS}) }`;
const SOCKETS_ERROR_CODE =
  'variant { access-denied, not-supported, invalid-argument, out-of-memory, timeout, invalid-state, address-not-bindable, address-in-use, remote-unreachable, connection-refused, connection-broken, connection-reset, connection-aborted, datagram-too-large, other(option<string>) }';
const DESCRIPTOR_STAT = `record { type: ${DESCRIPTOR_TYPE}, link-count: u64, size: u64, data-access-timestamp: option<${INSTANT}>, data-modification-timestamp: option<${INSTANT}>, status-change-timestamp: option<${INSTANT}> }`;
const FILESYSTEM_ERROR_CODE =
  'variant { access, already, bad-descriptor, busy, deadlock, quota, exist, file-too-large, illegal-byte-sequence, in-progress, interrupted, invalid, io, is-directory, loop, too-many-links, message-size, name-too-long, no-device, no-entry, no-lock, insufficient-memory, insufficient-space, not-directory, not-empty, not-recoverable, unsupported, no-tty, no-such-device, overflow, not-permitted, pipe, read-only, invalid-seek, text-file-busy, cross-device, other(option<string>) }';
const HTTP_ERROR_CODE = `variant { DNS-timeout, DNS-error(${DNS_ERROR_PAYLOAD}), destination-not-found, destination-unavailable, destination-IP-prohibited, destination-IP-unroutable, connection-refused, connection-terminated, connection-timeout, connection-read-timeout, connection-write-timeout, connection-limit-reached, TLS-protocol-error, TLS-certificate-error, TLS-alert-received(${TLS_ALERT_RECEIVED_PAYLOAD}), HTTP-request-denied, HTTP-request-length-required, HTTP-request-body-size(option<u64>), HTTP-request-method-invalid, HTTP-request-URI-invalid, HTTP-request-URI-too-long, HTTP-request-header-section-size(option<u32>), HTTP-request-header-size(option<${FIELD_SIZE_PAYLOAD}>), HTTP-request-trailer-section-size(option<u32>), HTTP-request-trailer-size(${FIELD_SIZE_PAYLOAD}), HTTP-response-incomplete, HTTP-response-header-section-size(option<u32>), HTTP-response-header-size(${FIELD_SIZE_PAYLOAD}), HTTP-response-body-size(option<u64>), HTTP-response-trailer-section-size(option<u32>), HTTP-response-trailer-size(${FIELD_SIZE_PAYLOAD}), HTTP-response-transfer-coding(option<string>), HTTP-response-content-coding(option<string>), HTTP-response-timeout, HTTP-upgrade-failed, HTTP-protocol-error, loop-detected, configuration-error, internal-error(option<string>) }`;

/** Types of functions as `typeText` writes them, by interface (without its version) and name. */
export const SIGNATURES: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  [
    'wasi:cli/environment',
    new Map([
      ['get-environment', 'func() -> list<tuple<string, string>>'],
      ['get-arguments', 'func() -> list<string>'],
      ['get-initial-cwd', 'func() -> option<string>'],
    ]),
  ],
  [
    'wasi:cli/exit',
    new Map([
      ['exit', 'func(status: result)'],
      ['exit-with-code', 'func(status-code: u8)'],
    ]),
  ],
  ['wasi:cli/run', new Map([['run', 'async func() -> result']])],
  [
    'wasi:cli/stdin',
    new Map([['read-via-stream', `func() -> tuple<stream<u8>, future<result<_, ${CLI_ERROR_CODE}>>>`]]),
  ],
  [
    'wasi:cli/stdout',
    new Map([['write-via-stream', `func(data: stream<u8>) -> future<result<_, ${CLI_ERROR_CODE}>>`]]),
  ],
  [
    'wasi:cli/stderr',
    new Map([['write-via-stream', `func(data: stream<u8>) -> future<result<_, ${CLI_ERROR_CODE}>>`]]),
  ],
  ['wasi:cli/terminal-stdin', new Map([['get-terminal-stdin', 'func() -> option<own<terminal-input>>']])],
  ['wasi:cli/terminal-stdout', new Map([['get-terminal-stdout', 'func() -> option<own<terminal-output>>']])],
  ['wasi:cli/terminal-stderr', new Map([['get-terminal-stderr', 'func() -> option<own<terminal-output>>']])],
  [
    'wasi:clocks/monotonic-clock',
    new Map([
      ['now', 'func() -> u64'],
      ['get-resolution', 'func() -> u64'],
      ['wait-until', 'async func(when: u64)'],
      ['wait-for', 'async func(how-long: u64)'],
    ]),
  ],
  [
    'wasi:clocks/system-clock',
    new Map([
      ['now', `func() -> ${INSTANT}`],
      ['get-resolution', 'func() -> u64'],
    ]),
  ],
  [
    'wasi:clocks/timezone',
    new Map([
      ['iana-id', 'func() -> option<string>'],
      ['utc-offset', `func(when: ${INSTANT}) -> option<s64>`],
      ['to-debug-string', 'func() -> string'],
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
        `func(self: borrow<descriptor>, offset: u64) -> tuple<stream<u8>, future<result<_, ${FILESYSTEM_ERROR_CODE}>>>`,
      ],
      [
        '[method]descriptor.write-via-stream',
        `func(self: borrow<descriptor>, data: stream<u8>, offset: u64) -> future<result<_, ${FILESYSTEM_ERROR_CODE}>>`,
      ],
      [
        '[method]descriptor.append-via-stream',
        `func(self: borrow<descriptor>, data: stream<u8>) -> future<result<_, ${FILESYSTEM_ERROR_CODE}>>`,
      ],
      [
        '[method]descriptor.advise',
        `async func(self: borrow<descriptor>, offset: u64, length: u64, advice: ${ADVICE}) -> result<_, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.sync-data',
        `async func(self: borrow<descriptor>) -> result<_, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.get-flags',
        `async func(self: borrow<descriptor>) -> result<${DESCRIPTOR_FLAGS}, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.get-type',
        `async func(self: borrow<descriptor>) -> result<${DESCRIPTOR_TYPE}, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.set-size',
        `async func(self: borrow<descriptor>, size: u64) -> result<_, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.set-times',
        `async func(self: borrow<descriptor>, data-access-timestamp: ${NEW_TIMESTAMP}, data-modification-timestamp: ${NEW_TIMESTAMP}) -> result<_, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.read-directory',
        `func(self: borrow<descriptor>) -> tuple<stream<${DIRECTORY_ENTRY}>, future<result<_, ${FILESYSTEM_ERROR_CODE}>>>`,
      ],
      [
        '[method]descriptor.sync',
        `async func(self: borrow<descriptor>) -> result<_, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.create-directory-at',
        `async func(self: borrow<descriptor>, path: string) -> result<_, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.stat',
        `async func(self: borrow<descriptor>) -> result<${DESCRIPTOR_STAT}, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.stat-at',
        `async func(self: borrow<descriptor>, path-flags: flags { symlink-follow }, path: string) -> result<${DESCRIPTOR_STAT}, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.set-times-at',
        `async func(self: borrow<descriptor>, path-flags: flags { symlink-follow }, path: string, data-access-timestamp: ${NEW_TIMESTAMP}, data-modification-timestamp: ${NEW_TIMESTAMP}) -> result<_, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.link-at',
        `async func(self: borrow<descriptor>, old-path-flags: flags { symlink-follow }, old-path: string, new-descriptor: borrow<descriptor>, new-path: string) -> result<_, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.open-at',
        `async func(self: borrow<descriptor>, path-flags: flags { symlink-follow }, path: string, open-flags: ${OPEN_FLAGS}, flags: ${DESCRIPTOR_FLAGS}) -> result<own<descriptor>, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.readlink-at',
        `async func(self: borrow<descriptor>, path: string) -> result<string, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.remove-directory-at',
        `async func(self: borrow<descriptor>, path: string) -> result<_, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.rename-at',
        `async func(self: borrow<descriptor>, old-path: string, new-descriptor: borrow<descriptor>, new-path: string) -> result<_, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.symlink-at',
        `async func(self: borrow<descriptor>, old-path: string, new-path: string) -> result<_, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.unlink-file-at',
        `async func(self: borrow<descriptor>, path: string) -> result<_, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.is-same-object',
        'async func(self: borrow<descriptor>, other: borrow<descriptor>) -> bool',
      ],
      [
        '[method]descriptor.metadata-hash',
        `async func(self: borrow<descriptor>) -> result<${METADATA_HASH_VALUE}, ${FILESYSTEM_ERROR_CODE}>`,
      ],
      [
        '[method]descriptor.metadata-hash-at',
        `async func(self: borrow<descriptor>, path-flags: flags { symlink-follow }, path: string) -> result<${METADATA_HASH_VALUE}, ${FILESYSTEM_ERROR_CODE}>`,
      ],
    ]),
  ],
  [
    'wasi:http/types',
    new Map([
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
        '[method]fields.get-and-delete',
        `func(self: borrow<fields>, name: string) -> result<list<list<u8>>, ${HEADER_ERROR}>`,
      ],
      [
        '[method]fields.append',
        `func(self: borrow<fields>, name: string, value: list<u8>) -> result<_, ${HEADER_ERROR}>`,
      ],
      ['[method]fields.copy-all', 'func(self: borrow<fields>) -> list<tuple<string, list<u8>>>'],
      ['[method]fields.clone', 'func(self: borrow<fields>) -> own<fields>'],
      [
        '[static]request.new',
        `func(headers: own<fields>, contents: option<stream<u8>>, trailers: future<result<option<own<fields>>, ${HTTP_ERROR_CODE}>>, options: option<own<request-options>>) -> tuple<own<request>, future<result<_, ${HTTP_ERROR_CODE}>>>`,
      ],
      ['[method]request.get-method', `func(self: borrow<request>) -> ${METHOD}`],
      ['[method]request.set-method', `func(self: borrow<request>, method: ${METHOD}) -> result`],
      ['[method]request.get-path-with-query', 'func(self: borrow<request>) -> option<string>'],
      [
        '[method]request.set-path-with-query',
        'func(self: borrow<request>, path-with-query: option<string>) -> result',
      ],
      ['[method]request.get-scheme', `func(self: borrow<request>) -> option<${SCHEME}>`],
      ['[method]request.set-scheme', `func(self: borrow<request>, scheme: option<${SCHEME}>) -> result`],
      ['[method]request.get-authority', 'func(self: borrow<request>) -> option<string>'],
      ['[method]request.set-authority', 'func(self: borrow<request>, authority: option<string>) -> result'],
      ['[method]request.get-options', 'func(self: borrow<request>) -> option<own<request-options>>'],
      ['[method]request.get-headers', 'func(self: borrow<request>) -> own<fields>'],
      [
        '[static]request.consume-body',
        `func(this: own<request>, res: future<result<_, ${HTTP_ERROR_CODE}>>) -> tuple<stream<u8>, future<result<option<own<fields>>, ${HTTP_ERROR_CODE}>>>`,
      ],
      ['[constructor]request-options', 'func() -> own<request-options>'],
      ['[method]request-options.get-connect-timeout', 'func(self: borrow<request-options>) -> option<u64>'],
      [
        '[method]request-options.set-connect-timeout',
        `func(self: borrow<request-options>, duration: option<u64>) -> result<_, ${REQUEST_OPTIONS_ERROR}>`,
      ],
      [
        '[method]request-options.get-first-byte-timeout',
        'func(self: borrow<request-options>) -> option<u64>',
      ],
      [
        '[method]request-options.set-first-byte-timeout',
        `func(self: borrow<request-options>, duration: option<u64>) -> result<_, ${REQUEST_OPTIONS_ERROR}>`,
      ],
      [
        '[method]request-options.get-between-bytes-timeout',
        'func(self: borrow<request-options>) -> option<u64>',
      ],
      [
        '[method]request-options.set-between-bytes-timeout',
        `func(self: borrow<request-options>, duration: option<u64>) -> result<_, ${REQUEST_OPTIONS_ERROR}>`,
      ],
      ['[method]request-options.clone', 'func(self: borrow<request-options>) -> own<request-options>'],
      [
        '[static]response.new',
        `func(headers: own<fields>, contents: option<stream<u8>>, trailers: future<result<option<own<fields>>, ${HTTP_ERROR_CODE}>>) -> tuple<own<response>, future<result<_, ${HTTP_ERROR_CODE}>>>`,
      ],
      ['[method]response.get-status-code', 'func(self: borrow<response>) -> u16'],
      ['[method]response.set-status-code', 'func(self: borrow<response>, status-code: u16) -> result'],
      ['[method]response.get-headers', 'func(self: borrow<response>) -> own<fields>'],
      [
        '[static]response.consume-body',
        `func(this: own<response>, res: future<result<_, ${HTTP_ERROR_CODE}>>) -> tuple<stream<u8>, future<result<option<own<fields>>, ${HTTP_ERROR_CODE}>>>`,
      ],
    ]),
  ],
  [
    'wasi:http/handler',
    new Map([['handle', `async func(request: own<request>) -> result<own<response>, ${HTTP_ERROR_CODE}>`]]),
  ],
  [
    'wasi:http/client',
    new Map([['send', `async func(request: own<request>) -> result<own<response>, ${HTTP_ERROR_CODE}>`]]),
  ],
  ['wasi:random/insecure-seed', new Map([['get-insecure-seed', 'func() -> tuple<u64, u64>']])],
  [
    'wasi:random/insecure',
    new Map([
      ['get-insecure-random-bytes', 'func(max-len: u64) -> list<u8>'],
      ['get-insecure-random-u64', 'func() -> u64'],
    ]),
  ],
  [
    'wasi:random/random',
    new Map([
      ['get-random-bytes', 'func(max-len: u64) -> list<u8>'],
      ['get-random-u64', 'func() -> u64'],
    ]),
  ],
  [
    'wasi:sockets/ip-name-lookup',
    new Map([
      [
        'resolve-addresses',
        `async func(name: string) -> result<list<${IP_ADDRESS}>, ${IP_NAME_LOOKUP_ERROR_CODE}>`,
      ],
    ]),
  ],
  [
    'wasi:sockets/types',
    new Map([
      [
        '[static]tcp-socket.create',
        `func(address-family: enum { ipv4, ipv6 }) -> result<own<tcp-socket>, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.bind',
        `func(self: borrow<tcp-socket>, local-address: ${IP_SOCKET_ADDRESS}) -> result<_, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.connect',
        `async func(self: borrow<tcp-socket>, remote-address: ${IP_SOCKET_ADDRESS}) -> result<_, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.listen',
        `func(self: borrow<tcp-socket>) -> result<stream<own<tcp-socket>>, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.send',
        `func(self: borrow<tcp-socket>, data: stream<u8>) -> future<result<_, ${SOCKETS_ERROR_CODE}>>`,
      ],
      [
        '[method]tcp-socket.receive',
        `func(self: borrow<tcp-socket>) -> tuple<stream<u8>, future<result<_, ${SOCKETS_ERROR_CODE}>>>`,
      ],
      [
        '[method]tcp-socket.get-local-address',
        `func(self: borrow<tcp-socket>) -> result<${IP_SOCKET_ADDRESS}, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.get-remote-address',
        `func(self: borrow<tcp-socket>) -> result<${IP_SOCKET_ADDRESS}, ${SOCKETS_ERROR_CODE}>`,
      ],
      ['[method]tcp-socket.get-is-listening', 'func(self: borrow<tcp-socket>) -> bool'],
      ['[method]tcp-socket.get-address-family', 'func(self: borrow<tcp-socket>) -> enum { ipv4, ipv6 }'],
      [
        '[method]tcp-socket.set-listen-backlog-size',
        `func(self: borrow<tcp-socket>, value: u64) -> result<_, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.get-keep-alive-enabled',
        `func(self: borrow<tcp-socket>) -> result<bool, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.set-keep-alive-enabled',
        `func(self: borrow<tcp-socket>, value: bool) -> result<_, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.get-keep-alive-idle-time',
        `func(self: borrow<tcp-socket>) -> result<u64, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.set-keep-alive-idle-time',
        `func(self: borrow<tcp-socket>, value: u64) -> result<_, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.get-keep-alive-interval',
        `func(self: borrow<tcp-socket>) -> result<u64, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.set-keep-alive-interval',
        `func(self: borrow<tcp-socket>, value: u64) -> result<_, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.get-keep-alive-count',
        `func(self: borrow<tcp-socket>) -> result<u32, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.set-keep-alive-count',
        `func(self: borrow<tcp-socket>, value: u32) -> result<_, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.get-hop-limit',
        `func(self: borrow<tcp-socket>) -> result<u8, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.set-hop-limit',
        `func(self: borrow<tcp-socket>, value: u8) -> result<_, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.get-receive-buffer-size',
        `func(self: borrow<tcp-socket>) -> result<u64, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.set-receive-buffer-size',
        `func(self: borrow<tcp-socket>, value: u64) -> result<_, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.get-send-buffer-size',
        `func(self: borrow<tcp-socket>) -> result<u64, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[method]tcp-socket.set-send-buffer-size',
        `func(self: borrow<tcp-socket>, value: u64) -> result<_, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[static]udp-socket.create',
        `func(address-family: enum { ipv4, ipv6 }) -> result<own<udp-socket>, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[method]udp-socket.bind',
        `func(self: borrow<udp-socket>, local-address: ${IP_SOCKET_ADDRESS}) -> result<_, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[method]udp-socket.connect',
        `func(self: borrow<udp-socket>, remote-address: ${IP_SOCKET_ADDRESS}) -> result<_, ${SOCKETS_ERROR_CODE}>`,
      ],
      ['[method]udp-socket.disconnect', `func(self: borrow<udp-socket>) -> result<_, ${SOCKETS_ERROR_CODE}>`],
      [
        '[method]udp-socket.send',
        `async func(self: borrow<udp-socket>, data: list<u8>, remote-address: option<${IP_SOCKET_ADDRESS}>) -> result<_, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[method]udp-socket.receive',
        `async func(self: borrow<udp-socket>) -> result<tuple<list<u8>, ${IP_SOCKET_ADDRESS}>, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[method]udp-socket.get-local-address',
        `func(self: borrow<udp-socket>) -> result<${IP_SOCKET_ADDRESS}, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[method]udp-socket.get-remote-address',
        `func(self: borrow<udp-socket>) -> result<${IP_SOCKET_ADDRESS}, ${SOCKETS_ERROR_CODE}>`,
      ],
      ['[method]udp-socket.get-address-family', 'func(self: borrow<udp-socket>) -> enum { ipv4, ipv6 }'],
      [
        '[method]udp-socket.get-unicast-hop-limit',
        `func(self: borrow<udp-socket>) -> result<u8, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[method]udp-socket.set-unicast-hop-limit',
        `func(self: borrow<udp-socket>, value: u8) -> result<_, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[method]udp-socket.get-receive-buffer-size',
        `func(self: borrow<udp-socket>) -> result<u64, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[method]udp-socket.set-receive-buffer-size',
        `func(self: borrow<udp-socket>, value: u64) -> result<_, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[method]udp-socket.get-send-buffer-size',
        `func(self: borrow<udp-socket>) -> result<u64, ${SOCKETS_ERROR_CODE}>`,
      ],
      [
        '[method]udp-socket.set-send-buffer-size',
        `func(self: borrow<udp-socket>, value: u64) -> result<_, ${SOCKETS_ERROR_CODE}>`,
      ],
    ]),
  ],
]);
