import type { AppendFile } from '../../virtual/machine.ts';
import type { AuditRecord } from '../records.ts';
import type { AuditSink } from './sink.ts';

/** One record per line, in canonical JSON (RFC 8785). */
export class JsonLinesSink implements AuditSink {
  readonly #file: AppendFile;

  constructor(file: AppendFile) {
    this.#file = file;
  }

  write(_record: AuditRecord, line: () => string): void {
    this.#file.append(`${line()}\n`);
  }

  close(): void {
    this.#file.close();
  }
}
