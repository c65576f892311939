/**
 * Header fields about the connection, which is the host's: DEFAULT_FORBIDDEN_HEADERS of wasmtime's wasi-http. A guest can neither
 * send them nor see those of a message that it gets, and no rule can add them. `expect` and `content-length` are not among them.
 */
export const CONNECTION_FIELDS: readonly string[] = [
  'connection',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
];
