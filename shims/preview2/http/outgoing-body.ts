import type { OutputStream } from '../io/streams.ts';
import { trap } from '../abi/trap.ts';
import { ComponentError } from '../plain/component-error.ts';
import { PlainResource } from '../plain/resource.ts';
import type { HttpError } from './error-code.ts';
import type { Fields } from './fields.ts';

export class OutgoingBody extends PlainResource<'outgoing-body'> {
  // write: func() -> result<output-stream>
  write(): OutputStream {
    const stream = this.target.write();
    if (stream === undefined) throw new ComponentError(undefined);
    this.bindings.context.takeHandle('http-request', 'output-stream');
    return this.bindings.make('output-stream', stream);
  }

  // finish: static func(this: outgoing-body, trailers: option<trailers>) -> result<_, error-code>
  static finish(body: OutgoingBody, trailers: Fields | undefined): void {
    const { target } = body;
    if (target.writing) trap('an outgoing-body is finished while its stream is open');
    const complete = target.finish();
    trailers?.[Symbol.dispose]();
    body[Symbol.dispose]();
    if (!complete) {
      throw new ComponentError<HttpError>({ tag: 'HTTP-request-body-size', val: BigInt(target.written) });
    }
  }
}
