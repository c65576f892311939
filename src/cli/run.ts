import {
  AuditLog,
  Engine,
  type Instance,
  type IsolationLevel,
  jsonLinesSink,
  MemorySink,
  printPolicy,
  type RunResult,
} from '../index.ts';
import { ChangesFile } from './changes-file.ts';
import type { CliIo } from './io.ts';
import { describeEnd } from './describe-end.ts';
import { bindingsOf } from './run-bindings.ts';
import { parseRunFlags } from './run-flags.ts';
import { makeRunPolicy } from './run-policy.ts';

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
    isolation: flags.isolation,
  });
  const result = await untilInterrupted(instance, flags.isolation);
  // First: of an instance that ended with its worker there are no changes to be had.
  describeEnd(io, program.name, result, memory.records, flags);
  await changes?.write(instance);
  return result.exitCode;
}

/**
 * SIGINT ends the guest, not the process: the log still gets its last record. SIGTERM keeps its meaning, because its
 * handler could not run while the guest computes, and nothing but SIGKILL would end the process then. A guest that computes in
 * a worker would outlive us, so SIGTERM ends it first.
 */
async function untilInterrupted(instance: Instance, isolation: IsolationLevel): Promise<RunResult> {
  let terminated: Promise<unknown> | undefined;
  const stop = (): void => void instance.close();
  const terminate = (): void => {
    const closed = instance.close().catch(() => undefined);
    terminated = closed.then(() => process.kill(process.pid, 'SIGTERM'));
  };
  process.once('SIGINT', stop);
  if (isolation !== 'inline') process.once('SIGTERM', terminate);
  try {
    return await instance.run();
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', terminate);
    await terminated;
  }
}
