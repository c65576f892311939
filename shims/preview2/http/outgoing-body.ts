import { trap } from '../../trap.ts';
import type { OutputStream } from '../io/streams.ts';
import { PlainResource } from '../plain/resource.ts';
import type { Fields } from './fields.ts';
import { present, takeHandle, throwHttpError } from './plain-results.ts';

export class OutgoingBody extends PlainResource<'outgoing-body'> {
  // write: func() -> result<output-stream>
  write(): OutputStream {
    const stream = present(this.target.write());
    takeHandle(this.bindings.context, 'output-stream');
    return this.bindings.make('output-stream', stream);
  }

  // finish: static func(this: outgoing-body, trailers: option<trailers>) -> result<_, error-code>
  static finish(body: OutgoingBody, trailers: Fields | undefined): void {
    const { target } = body;
    if (target.writing) trap('an outgoing-body is finished while its stream is open');
    const error = target.finish(trailers?.target);
    trailers?.[Symbol.dispose]();
    body[Symbol.dispose]();
    if (error !== undefined) throwHttpError(error);
  }
}
