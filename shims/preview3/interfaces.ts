import type { HostInterface } from '../canonical-abi/host-function.ts';
import { environment } from './cli/environment.ts';
import { exit } from './cli/exit.ts';
import { stderr } from './cli/stderr.ts';
import { stdin } from './cli/stdin.ts';
import { stdout } from './cli/stdout.ts';
import { terminalInput } from './cli/terminal-input.ts';
import { terminalOutput } from './cli/terminal-output.ts';
import { terminalStderr } from './cli/terminal-stderr.ts';
import { terminalStdin } from './cli/terminal-stdin.ts';
import { terminalStdout } from './cli/terminal-stdout.ts';
import { cliTypes } from './cli/types.ts';
import { monotonicClock } from './clocks/monotonic-clock.ts';
import { systemClock } from './clocks/system-clock.ts';
import { timezone } from './clocks/timezone.ts';
import { clocksTypes } from './clocks/types.ts';
import type { Context } from './context.ts';
import { preopens } from './filesystem/preopens.ts';
import { filesystemTypes } from './filesystem/types.ts';
import { httpClient } from './http/client.ts';
import { httpTypes } from './http/types.ts';
import { insecureSeed } from './random/insecure-seed.ts';
import { insecure } from './random/insecure.ts';
import { random } from './random/random.ts';
import { ipNameLookup } from './sockets/ip-name-lookup.ts';
import { socketsTypes } from './sockets/types.ts';

/** The interfaces of WASI 0.3 that the host has, without versions. */
export const HOST_INTERFACES: ReadonlyMap<string, HostInterface<Context>> = new Map<
  string,
  HostInterface<Context>
>([
  ['wasi:cli/environment', environment],
  ['wasi:cli/exit', exit],
  ['wasi:cli/stderr', stderr],
  ['wasi:cli/stdin', stdin],
  ['wasi:cli/stdout', stdout],
  ['wasi:cli/terminal-input', terminalInput],
  ['wasi:cli/terminal-output', terminalOutput],
  ['wasi:cli/terminal-stderr', terminalStderr],
  ['wasi:cli/terminal-stdin', terminalStdin],
  ['wasi:cli/terminal-stdout', terminalStdout],
  ['wasi:cli/types', cliTypes],
  ['wasi:clocks/monotonic-clock', monotonicClock],
  ['wasi:clocks/system-clock', systemClock],
  ['wasi:clocks/timezone', timezone],
  ['wasi:clocks/types', clocksTypes],
  ['wasi:filesystem/preopens', preopens],
  ['wasi:filesystem/types', filesystemTypes],
  ['wasi:http/client', httpClient],
  ['wasi:http/types', httpTypes],
  ['wasi:random/insecure', insecure],
  ['wasi:random/insecure-seed', insecureSeed],
  ['wasi:random/random', random],
  ['wasi:sockets/ip-name-lookup', ipNameLookup],
  ['wasi:sockets/types', socketsTypes],
]);
