import { type Bindings, VirtualNetwork } from '../index.ts';
import type { CliIo } from './io.ts';
import type { SecretFlag } from './network-flags.ts';
import type { GrantFlags } from './run-flags.ts';
import type { RunPolicy } from './run-policy.ts';

/** The command's user is the embedder: their policy may name paths and take their variables. */
export function bindingsOf(
  { policy, relativeTo }: RunPolicy,
  { network }: Pick<GrantFlags, 'network'>,
  io: CliIo,
): Bindings {
  const wanted = Object.entries(policy.environment).filter(([, value]) => typeof value !== 'string');
  const { nameServers } = network;
  return {
    hostPaths: { relativeTo },
    environment: Object.fromEntries(wanted.map(([name]) => [name, io.env[name]])),
    listeners: network.listeners,
    secrets: secretsOf(network.secrets, io),
    ...(nameServers.length === 0 ? {} : { network: { resolver: { servers: nameServers } } }),
    // Nobody else is on it.
    ...(policy.network === 'virtual' ? { virtualNetwork: new VirtualNetwork().host('program') } : {}),
  };
}

/** A secret that is not there is left out: what says that it is missing is the binding that a rule asks for. */
function secretsOf(flags: readonly SecretFlag[], io: CliIo): Record<string, string> {
  const values = flags.map(({ name, value }) => [name, value ?? io.env[name]] as const);
  return Object.fromEntries(values.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
