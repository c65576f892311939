import { expect, test } from 'vitest';
import { capabilitiesOf } from '../../../src/engine/capabilities.ts';

test.each([
  [['wasi_snapshot_preview1.fd_write', 'wasi_snapshot_preview1.proc_exit'], ['stdio']],
  [
    ['wasi_snapshot_preview1.path_open', 'wasi_snapshot_preview1.fd_read'],
    ['filesystem', 'stdio'],
  ],
  [
    ['wasi_unstable.random_get', 'wasi_unstable.args_sizes_get', 'wasi_unstable.environ_get'],
    ['random', 'environment', 'arguments'],
  ],
  [
    ['wasi_snapshot_preview1.poll_oneoff', 'wasi_snapshot_preview1.sock_recv'],
    ['sockets', 'clocks'],
  ],
  [
    ['wasi:cli/environment@0.2.0', 'wasi:cli/stdout@0.2.0', 'wasi:cli/exit@0.2.0'],
    ['environment', 'arguments', 'stdio'],
  ],
  [
    ['wasi:sockets/tcp@0.2.0', 'wasi:sockets/ip-name-lookup@0.2.0', 'wasi:http/outgoing-handler@0.2.0'],
    ['http', 'sockets', 'dns'],
  ],
  [
    ['wasi:filesystem/types@0.3.0', 'wasi:clocks/monotonic-clock@0.3.0', 'wasi:random/random@0.3.0'],
    ['filesystem', 'clocks', 'random'],
  ],
  [
    ['wasi:io/poll@0.2.0', 'wasi:http/types@0.2.0', 'acme:kv/store', 'env.path_open', 'env.wasi:http/types'],
    [],
  ],
])('%j can make use of %j', (imports, capabilities) => {
  expect(capabilitiesOf(imports)).toEqual(capabilities);
});
