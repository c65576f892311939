import { trap } from '../../trap.ts';
import type { InputStream } from '../io/streams.ts';
import { PlainResource } from '../plain/resource.ts';
import type { FutureTrailers } from './future-trailers.ts';
import { present, takeHandle } from './plain-results.ts';

export class IncomingBody extends PlainResource<'incoming-body'> {
  // %stream: func() -> result<input-stream>
  stream(): InputStream {
    const stream = present(this.target.stream());
    takeHandle(this.bindings.context, 'input-stream');
    return this.bindings.make('input-stream', stream);
  }

  // finish: static func(this: incoming-body) -> future-trailers
  static finish(body: IncomingBody): FutureTrailers {
    const { bindings, target } = body;
    if (target.reading) trap('an incoming-body is finished while its stream is open');
    const trailers = target.finish();
    bindings.context.take('incoming-body', body.rep);
    takeHandle(bindings.context, 'future-trailers');
    return bindings.make('future-trailers', trailers);
  }
}
