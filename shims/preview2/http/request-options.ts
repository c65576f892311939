import { RequestOptions as VirtualOptions } from '../../../src/virtual/http/request-options.ts';
import { PlainResource } from '../plain/resource.ts';

export class RequestOptions extends PlainResource<'request-options'> {
  // constructor()
  constructor() {
    super();
    this.bindings.context.takeHandle('http-request', 'request-options');
    this.standFor(new VirtualOptions());
  }

  // connect-timeout: func() -> option<duration>
  connectTimeout(): bigint | undefined {
    return this.target.connectTimeout;
  }

  // set-connect-timeout: func(duration: option<duration>) -> result
  setConnectTimeout(duration: bigint | undefined): void {
    this.target.connectTimeout = duration;
  }

  // first-byte-timeout: func() -> option<duration>
  firstByteTimeout(): bigint | undefined {
    return this.target.firstByteTimeout;
  }

  // set-first-byte-timeout: func(duration: option<duration>) -> result
  setFirstByteTimeout(duration: bigint | undefined): void {
    this.target.firstByteTimeout = duration;
  }

  // between-bytes-timeout: func() -> option<duration>
  betweenBytesTimeout(): bigint | undefined {
    return this.target.betweenBytesTimeout;
  }

  // set-between-bytes-timeout: func(duration: option<duration>) -> result
  setBetweenBytesTimeout(duration: bigint | undefined): void {
    this.target.betweenBytesTimeout = duration;
  }
}
