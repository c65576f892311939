import { nodeMachine } from '../ambient/machine.ts';
import { JsonLinesSink } from '../audit/sinks/json-lines-sink.ts';
import type { AuditSink } from '../audit/sinks/sink.ts';

/**
 * A sink that appends records to a file, one canonical JSON object (RFC 8785) per line. A record is with the operating
 * system before the guarded act takes effect.
 *
 * @param path of the file; made with mode 0600 when absent, never followed when it is a symbolic link
 * @throws AuditError BW_AUDIT_OPEN
 */
export function jsonLinesSink(path: string): Required<AuditSink> {
  return new JsonLinesSink(nodeMachine.openAppendFile(path));
}
