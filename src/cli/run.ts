import {
  AuditLog,
  Engine,
  type Instance,
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
  });
  const result = await untilInterrupted(instance);
  await changes?.write(instance);
  describeEnd(io, program.name, result, memory.records, flags);
  return result.exitCode;
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
