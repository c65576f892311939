import type { Section } from '../kernel/request.ts';

/** The WIT interfaces of WASI 0.2 and 0.3, by package, that need a section of the policy. */
const INTERFACES: readonly (readonly [prefix: string, section: Section])[] = [
  ['wasi:filesystem/', 'filesystem'],
  // Those who only serve import the types alone.
  ['wasi:http/outgoing-handler', 'http'],
  ['wasi:http/client', 'http'],
  ['wasi:sockets/ip-name-lookup', 'dns'],
  ['wasi:sockets/', 'sockets'],
  ['wasi:clocks/', 'clocks'],
  ['wasi:random/', 'random'],
  ['wasi:cli/environment', 'environment'],
  ['wasi:cli/std', 'stdio'],
];

/** The same for the functions of WASI 0.1, by how their names begin. */
const FUNCTIONS: readonly (readonly [prefix: string, section: Section])[] = [
  ['path_', 'filesystem'],
  ['fd_prestat_', 'filesystem'],
  ['fd_readdir', 'filesystem'],
  ['sock_', 'sockets'],
  ['clock_', 'clocks'],
  ['poll_oneoff', 'clocks'],
  ['random_get', 'random'],
  ['environ_', 'environment'],
  ['args_', 'arguments'],
  ['fd_read', 'stdio'],
  ['fd_write', 'stdio'],
];

const WASI_01 = /^wasi_(?:snapshot_preview1|unstable)\./;

/** @returns the sections that a program with these imports can ask for, in the policy's order */
export function capabilitiesOf(imports: readonly string[]): Section[] {
  const found = new Set<Section>();
  for (const name of imports) {
    const table = WASI_01.test(name) ? FUNCTIONS : INTERFACES;
    const key = name.replace(WASI_01, '');
    const entry = table.find(([prefix]) => key.startsWith(prefix));
    if (entry !== undefined) found.add(entry[1]);
    // One interface of 0.2 holds both.
    if (name.startsWith('wasi:cli/environment')) found.add('arguments');
  }
  return ORDER.filter((section) => found.has(section));
}

const ORDER: readonly Section[] = [
  'filesystem',
  'http',
  'sockets',
  'dns',
  'clocks',
  'random',
  'environment',
  'arguments',
  'stdio',
];
