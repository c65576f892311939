import { environment } from '../cli/environment.ts';
import { exit } from '../cli/exit.ts';
import { stderr } from '../cli/stderr.ts';
import { stdin } from '../cli/stdin.ts';
import { stdout } from '../cli/stdout.ts';
import { terminalStderr } from '../cli/terminal-stderr.ts';
import { terminalStdin } from '../cli/terminal-stdin.ts';
import { terminalStdout } from '../cli/terminal-stdout.ts';
import { monotonicClock } from '../clocks/monotonic-clock.ts';
import { timezone } from '../clocks/timezone.ts';
import { wallClock } from '../clocks/wall-clock.ts';
import { preopens } from '../filesystem/preopens.ts';
import { filesystemTypes } from '../filesystem/types.ts';
import { outgoingHandler } from '../http/outgoing-handler.ts';
import { httpTypes } from '../http/types.ts';
import { poll } from '../io/poll.ts';
import { insecure } from '../random/insecure.ts';
import { insecureSeed } from '../random/insecure-seed.ts';
import { random } from '../random/random.ts';
import { instanceNetwork } from '../sockets/instance-network.ts';
import { ipNameLookup } from '../sockets/ip-name-lookup.ts';
import { networkFunctions } from '../sockets/network.ts';
import { tcpCreateSocket } from '../sockets/tcp-create-socket.ts';
import { udpCreateSocket } from '../sockets/udp-create-socket.ts';
import type { Bindings } from './resource.ts';

/** The plain functions of each interface, without its resources. */
export const PLAIN_INTERFACES: ReadonlyMap<string, (bindings: Bindings) => object> = new Map<
  string,
  (bindings: Bindings) => object
>([
  ['wasi:cli/environment', ({ context }) => environment(context)],
  ['wasi:cli/exit', ({ context }) => exit(context)],
  ['wasi:cli/stderr', stderr],
  ['wasi:cli/stdin', stdin],
  ['wasi:cli/stdout', stdout],
  ['wasi:cli/terminal-input', () => ({})],
  ['wasi:cli/terminal-output', () => ({})],
  ['wasi:cli/terminal-stderr', () => terminalStderr()],
  ['wasi:cli/terminal-stdin', () => terminalStdin()],
  ['wasi:cli/terminal-stdout', () => terminalStdout()],
  ['wasi:clocks/monotonic-clock', monotonicClock],
  ['wasi:clocks/timezone', () => timezone()],
  ['wasi:clocks/wall-clock', ({ context }) => wallClock(context)],
  ['wasi:filesystem/preopens', preopens],
  ['wasi:filesystem/types', () => filesystemTypes()],
  ['wasi:http/outgoing-handler', outgoingHandler],
  ['wasi:http/types', () => httpTypes()],
  ['wasi:io/error', () => ({})],
  ['wasi:io/poll', ({ context }) => poll(context)],
  ['wasi:io/streams', () => ({})],
  ['wasi:random/insecure', ({ context }) => insecure(context)],
  ['wasi:random/insecure-seed', ({ context }) => insecureSeed(context)],
  ['wasi:random/random', ({ context }) => random(context)],
  ['wasi:sockets/instance-network', instanceNetwork],
  ['wasi:sockets/ip-name-lookup', ipNameLookup],
  ['wasi:sockets/network', () => networkFunctions()],
  ['wasi:sockets/tcp', () => ({})],
  ['wasi:sockets/tcp-create-socket', tcpCreateSocket],
  ['wasi:sockets/udp', () => ({})],
  ['wasi:sockets/udp-create-socket', udpCreateSocket],
]);
