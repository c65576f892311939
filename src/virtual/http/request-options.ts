/** The names of the timeouts. */
export type Timeout = 'connectTimeout' | 'firstByteTimeout' | 'betweenBytesTimeout';

/** Timeouts in nanoseconds; undefined: none asked for. */
export class RequestOptions {
  connectTimeout: bigint | undefined;
  firstByteTimeout: bigint | undefined;
  betweenBytesTimeout: bigint | undefined;
  #immutable = false;

  /** Those of a request: WASI 0.3 lets nobody change them through a handle. */
  get immutable(): boolean {
    return this.#immutable;
  }

  freeze(): this {
    this.#immutable = true;
    return this;
  }

  /** @returns a copy that can be changed */
  clone(): RequestOptions {
    const copy = new RequestOptions();
    copy.connectTimeout = this.connectTimeout;
    copy.firstByteTimeout = this.firstByteTimeout;
    copy.betweenBytesTimeout = this.betweenBytesTimeout;
    return copy;
  }
}
