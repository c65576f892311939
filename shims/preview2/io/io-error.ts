import { errorName } from '../filesystem/error-code.ts';

/** What an `error` stands for: why a stream's last operation failed. */
export class IoError {
  /** Of src/virtual/error-code.ts. */
  readonly code: number;

  constructor(code: number) {
    this.code = code;
  }

  toDebugString(): string {
    return errorName(this.code);
  }
}
