import {
  AuditLog,
  type Bindings,
  Engine,
  type Instance,
  jsonLinesSink,
  MemorySink,
  printPolicy,
  type RunResult,
  VirtualNetwork,
} from '../index.ts';
import { ChangesFile } from './changes-file.ts';
import type { CliIo } from './io.ts';
import { describeEnd } from './describe-end.ts';
import type { SecretFlag } from './network-flags.ts';
import { parseRunFlags, type RunFlags } from './run-flags.ts';
import { makeRunPolicy, type RunPolicy } from './run-policy.ts';

/** `bailiwick run`: the guest has this process's standard streams; its exit code is ours. */
export async function runCommand(args: readonly string[], io: CliIo): Promise<number> {
  const flags = parseRunFlags(args);
  const runPolicy = await makeRunPolicy(flags, io);
  if (flags.printPolicy) {
    io.stdout.write(printPolicy(runPolicy.policy));
    return 0;
  }
  await using changes =
    flags.changes === undefined ? undefined : await ChangesFile.open(flags.changes, runPolicy.policy);
  const memory = new MemorySink();
  using audit = new AuditLog(flags.audit === undefined ? [memory] : [jsonLinesSink(flags.audit), memory]);
  const engine = new Engine({ audit, ...(flags.useCache ? {} : { cache: false }) });
  const program = await engine.compile(flags.program as string);
  await using instance = await program.instantiate({
    policy: runPolicy.policy,
    tenant: flags.tenant,
    bindings: bindingsOf(runPolicy, flags, io),
    args: flags.args,
    stdin: 'inherit',
    stdout: 'inherit',
    stderr: 'inherit',
    endOnInterrupt: true,
  });
  const result = await untilInterrupted(instance);
  await changes?.write(instance);
  describeEnd(io, program.name, result, memory.records, flags);
  return result.exitCode;
}

/** The command's user is the embedder: their policy may name paths and take their variables. */
function bindingsOf({ policy, relativeTo }: RunPolicy, { network }: RunFlags, io: CliIo): Bindings {
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

/**
 * SIGINT ends the guest, not the process: the log still gets its last record. SIGTERM keeps its meaning, because its
 * handler could not run while the guest computes, and nothing but SIGKILL would end the process then.
 */
async function untilInterrupted(instance: Instance): Promise<RunResult> {
  const stop = (): void => void instance.close();
  process.once('SIGINT', stop);
  try {
    return await instance.run();
  } finally {
    process.off('SIGINT', stop);
  }
}
