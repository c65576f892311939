import type { Guard } from '../../kernel/guard.ts';
import { type InputStream, type OutputStream, StreamStatus } from '../io/streams.ts';

/** A standard stream that the policy does not grant: closed, and the first attempt is a recorded denial. */
export class DeniedOutput implements OutputStream {
  readonly failure = 0;
  readonly #guard: Guard;
  readonly #name: 'stdout' | 'stderr';
  #refused = false;

  constructor(guard: Guard, name: 'stdout' | 'stderr') {
    this.#guard = guard;
    this.#name = name;
  }

  checkWrite(): number {
    return this.#refuse();
  }

  write(): number {
    return this.#refuse();
  }

  flush(): number {
    return StreamStatus.closed;
  }

  ready(): boolean {
    return true;
  }

  wait(): undefined {
    return undefined;
  }

  close(): void {
    // Nothing is open.
  }

  #refuse(): number {
    if (!this.#refused) {
      this.#refused = true;
      this.#guard.refuse(this.#name, this.#name);
    }
    return StreamStatus.closed;
  }
}

/** Standard input that the policy does not grant. */
export class DeniedInput implements InputStream {
  readonly failure = 0;
  readonly #guard: Guard;
  #refused = false;

  constructor(guard: Guard) {
    this.#guard = guard;
  }

  readInto(): number {
    if (!this.#refused) {
      this.#refused = true;
      this.#guard.refuse('stdin', 'stdin');
    }
    return StreamStatus.closed;
  }

  ready(): boolean {
    return true;
  }

  wait(): undefined {
    return undefined;
  }

  close(): void {
    // Nothing is open.
  }
}
