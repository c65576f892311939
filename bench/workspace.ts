import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory for the peers, gone when the run ends. */
export class Workspace implements Disposable {
  /** In memory where the system has such: the peers are measured against a memory volume. */
  readonly path: string = mkdtempSync(join(memoryDirectory(), 'bailiwick-bench-'));

  makeDirectory(): string {
    return mkdtempSync(join(this.path, 'd'));
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

function memoryDirectory(): string {
  try {
    accessSync('/dev/shm', constants.R_OK | constants.W_OK);
    return '/dev/shm';
  } catch {
    return tmpdir();
  }
}
