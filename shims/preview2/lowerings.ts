import type { Lowerings } from './abi/lowering.ts';
import { environmentLowerings } from './cli/environment.ts';
import { exitLowerings } from './cli/exit.ts';
import { stderrLowerings } from './cli/stderr.ts';
import { stdinLowerings } from './cli/stdin.ts';
import { stdoutLowerings } from './cli/stdout.ts';
import { terminalInputLowerings } from './cli/terminal-input.ts';
import { terminalOutputLowerings } from './cli/terminal-output.ts';
import { terminalStderrLowerings } from './cli/terminal-stderr.ts';
import { terminalStdinLowerings } from './cli/terminal-stdin.ts';
import { terminalStdoutLowerings } from './cli/terminal-stdout.ts';
import { monotonicClockLowerings } from './clocks/monotonic-clock.ts';
import { timezoneLowerings } from './clocks/timezone.ts';
import { wallClockLowerings } from './clocks/wall-clock.ts';
import { preopensLowerings } from './filesystem/preopens.ts';
import { filesystemTypesLowerings } from './filesystem/types.ts';
import { outgoingHandlerLowerings } from './http/outgoing-handler.ts';
import { httpTypesLowerings } from './http/types.ts';
import { errorLowerings } from './io/error.ts';
import { pollLowerings } from './io/poll.ts';
import { streamsLowerings } from './io/streams.ts';
import { insecureLowerings } from './random/insecure.ts';
import { insecureSeedLowerings } from './random/insecure-seed.ts';
import { randomLowerings } from './random/random.ts';
import { instanceNetworkLowerings } from './sockets/instance-network.ts';
import { ipNameLookupLowerings } from './sockets/ip-name-lookup.ts';
import { networkLowerings } from './sockets/network.ts';
import { tcpCreateSocketLowerings } from './sockets/tcp-create-socket.ts';
import { tcpLowerings } from './sockets/tcp-lowerings.ts';
import { udpCreateSocketLowerings } from './sockets/udp-create-socket.ts';
import { udpLowerings } from './sockets/udp-lowerings.ts';

/** Every function of WASI 0.2 but those of wasi:http in lowered form, by interface without its version: one implementation serves 0.2.x. */
export const LOWERINGS: ReadonlyMap<string, Lowerings> = new Map([
  ['wasi:cli/environment', environmentLowerings],
  ['wasi:cli/exit', exitLowerings],
  ['wasi:cli/stderr', stderrLowerings],
  ['wasi:cli/stdin', stdinLowerings],
  ['wasi:cli/stdout', stdoutLowerings],
  ['wasi:cli/terminal-input', terminalInputLowerings],
  ['wasi:cli/terminal-output', terminalOutputLowerings],
  ['wasi:cli/terminal-stderr', terminalStderrLowerings],
  ['wasi:cli/terminal-stdin', terminalStdinLowerings],
  ['wasi:cli/terminal-stdout', terminalStdoutLowerings],
  ['wasi:clocks/monotonic-clock', monotonicClockLowerings],
  ['wasi:clocks/timezone', timezoneLowerings],
  ['wasi:clocks/wall-clock', wallClockLowerings],
  ['wasi:filesystem/preopens', preopensLowerings],
  ['wasi:filesystem/types', filesystemTypesLowerings],
  ['wasi:http/outgoing-handler', outgoingHandlerLowerings],
  ['wasi:http/types', httpTypesLowerings],
  ['wasi:io/error', errorLowerings],
  ['wasi:io/poll', pollLowerings],
  ['wasi:io/streams', streamsLowerings],
  ['wasi:random/insecure', insecureLowerings],
  ['wasi:random/insecure-seed', insecureSeedLowerings],
  ['wasi:random/random', randomLowerings],
  ['wasi:sockets/instance-network', instanceNetworkLowerings],
  ['wasi:sockets/ip-name-lookup', ipNameLookupLowerings],
  ['wasi:sockets/network', networkLowerings],
  ['wasi:sockets/tcp', tcpLowerings],
  ['wasi:sockets/tcp-create-socket', tcpCreateSocketLowerings],
  ['wasi:sockets/udp', udpLowerings],
  ['wasi:sockets/udp-create-socket', udpCreateSocketLowerings],
]);
