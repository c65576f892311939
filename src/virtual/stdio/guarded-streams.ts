import { GRANTED, type Grant } from '../../kernel/grant.ts';
import type { Guard } from '../../kernel/guard.ts';
import type { Meter } from '../../kernel/meter.ts';
import { ErrorCode } from '../error-code.ts';
import { type InputStream, type OutputStream, StreamStatus } from '../io/streams.ts';

/** Standard output or error under its grant and byte limit. */
export class GuardedOutput implements OutputStream {
  failure = 0;
  readonly #inner: OutputStream;
  readonly #grant: Grant;
  readonly #guard: Guard;
  readonly #meter: Meter;
  readonly #name: 'stdout' | 'stderr';
  readonly #limit: number;
  readonly #wait: RevocableWait;
  #passed = 0;
  #limitPassed = false;

  constructor(
    inner: OutputStream,
    grant: Grant,
    guard: Guard,
    meter: Meter,
    options: { readonly name: 'stdout' | 'stderr'; readonly bytes: number },
  ) {
    this.#inner = inner;
    this.#grant = grant;
    this.#guard = guard;
    this.#meter = meter;
    this.#name = options.name;
    this.#limit = options.bytes;
    this.#wait = new RevocableWait(grant);
  }

  checkWrite(): number {
    if (this.#limitPassed) return this.#fail(ErrorCode.quota);
    // The guest asks before it writes and stops at the answer, so this is where its denial is recorded.
    if (this.#grant.revoked && !this.#admit()) return StreamStatus.closed;
    return this.#inner.checkWrite();
  }

  write(source: Uint8Array, offset: number, length: number): number {
    if (!this.#admit()) return StreamStatus.closed;
    if (this.#passed + length > this.#limit) return this.#passLimit();
    const status = this.#inner.write(source, offset, length);
    this.failure = this.#inner.failure;
    if (status !== 0) return status;
    this.#passed += length;
    if (this.#name === 'stdout') this.#meter.stdoutBytes += length;
    else this.#meter.stderrBytes += length;
    return 0;
  }

  flush(): number {
    if (this.#grant.revoked && !this.#admit()) return StreamStatus.closed;
    return this.#inner.flush();
  }

  ready(): boolean {
    return this.#limitPassed || this.#grant.revoked || this.#inner.ready();
  }

  wait(): Promise<void> | undefined {
    return this.ready() ? undefined : this.#wait.of(this.#inner.wait());
  }

  close(): void {
    // The stream is the embedder's or the process's: a guest that drops its handle closes nothing.
  }

  #admit(): boolean {
    return this.#guard.admit(this.#grant, GRANTED, this.#name, this.#name);
  }

  #passLimit(): number {
    if (!this.#limitPassed) {
      this.#limitPassed = true;
      this.#guard.limited(`${this.#grant.id} bytes`, this.#limit, this.#name, this.#name);
    }
    return this.#fail(ErrorCode.quota);
  }

  #fail(code: number): number {
    this.failure = code;
    return StreamStatus.failed;
  }
}

/** Standard input under its grant. */
export class GuardedInput implements InputStream {
  failure = 0;
  readonly #inner: InputStream;
  readonly #grant: Grant;
  readonly #guard: Guard;
  readonly #meter: Meter;
  readonly #wait: RevocableWait;

  constructor(inner: InputStream, grant: Grant, guard: Guard, meter: Meter) {
    this.#wait = new RevocableWait(grant);
    this.#inner = inner;
    this.#grant = grant;
    this.#guard = guard;
    this.#meter = meter;
  }

  readInto(target: Uint8Array, offset: number, length: number): number {
    if (!this.#guard.admit(this.#grant, GRANTED, 'stdin', 'stdin')) return StreamStatus.closed;
    const count = this.#inner.readInto(target, offset, length);
    if (count > 0) this.#meter.stdinBytes += count;
    this.failure = this.#inner.failure;
    return count;
  }

  ready(): boolean {
    return this.#grant.revoked || this.#inner.ready();
  }

  wait(): Promise<void> | undefined {
    return this.ready() ? undefined : this.#wait.of(this.#inner.wait());
  }

  close(): void {
    this.#inner.close();
  }
}

/** Waits for a stream or for the end of its grant: a guest that waits for input that never comes is told of it, too. */
class RevocableWait {
  readonly #grant: Grant;
  /** One for all that wait meanwhile. */
  #waiting: Promise<void> | undefined;

  constructor(grant: Grant) {
    this.#grant = grant;
  }

  /** @param inner undefined: ready after all */
  of(inner: Promise<void> | undefined): Promise<void> | undefined {
    return inner && (this.#waiting ??= this.#until(inner));
  }

  async #until(inner: Promise<void>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const forget = this.#grant.watch(resolve);
    void inner.then(resolve);
    await promise;
    forget();
    this.#waiting = undefined;
  }
}
