import { closeSync, constants, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { AuditError } from '../errors.ts';
import type { AppendFile } from '../virtual/machine.ts';

/**
 * Opens a log file for appending; only its owner may read it. A symbolic link in the last place is refused: a log
 * must not be led elsewhere.
 *
 * @throws AuditError BW_AUDIT_OPEN
 */
export function openAppendFile(path: string): AppendFile {
  let fd: number;
  try {
    fd = openSync(
      path,
      constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW,
      0o600,
    );
  } catch (cause) {
    throw new AuditError(
      'BW_AUDIT_OPEN',
      `The audit log ${JSON.stringify(path)} cannot be opened: ${reason(cause)}.`,
      {
        cause,
        hint: 'Name a file in a directory that exists and that you may write to.',
      },
    );
  }
  return new DescriptorFile(fd);
}

class DescriptorFile implements AppendFile {
  #fd: number | undefined;

  constructor(fd: number) {
    this.#fd = fd;
  }

  append(text: string): void {
    if (this.#fd === undefined) throw new AuditError('BW_AUDIT_CLOSED', 'The audit log is closed.');
    const bytes = Buffer.from(text);
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#fd, bytes, written);
    } catch (cause) {
      this.#undo(written);
      throw new AuditError('BW_AUDIT_WRITE', `The audit log cannot be written: ${reason(cause)}.`, { cause });
    }
  }

  close(): void {
    if (this.#fd === undefined) return;
    closeSync(this.#fd);
    this.#fd = undefined;
  }

  /** A full disk can take half a line; without this the next record would continue it. */
  #undo(written: number): void {
    if (written === 0 || this.#fd === undefined) return;
    try {
      ftruncateSync(this.#fd, fstatSync(this.#fd).size - written);
    } catch {
      // The half line stays; a reader reports it as one that does not parse.
    }
  }
}

function reason(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
