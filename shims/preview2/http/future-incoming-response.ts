import type { HttpError } from '../../../src/virtual/http/http-error.ts';
import { IncomingResponse as VirtualResponse } from '../../../src/virtual/http/incoming-response.ts';
import type { Pollable } from '../io/poll.ts';
import { StreamPollable } from '../io/pollable.ts';
import { PlainResource } from '../plain/resource.ts';
import type { IncomingResponse } from './incoming-response.ts';
import { type PlainResult, takeHandle } from './plain-results.ts';

export class FutureIncomingResponse extends PlainResource<'future-incoming-response'> {
  // subscribe: func() -> pollable
  subscribe(): Pollable {
    const { target } = this;
    takeHandle(this.bindings.context, 'pollable');
    return this.bindings.make('pollable', new StreamPollable(target));
  }

  // get: func() -> option<result<result<incoming-response, error-code>>>
  get(): PlainResult<PlainResult<IncomingResponse, HttpError>, undefined> | undefined {
    const answer = this.target.get();
    if (answer === undefined) return undefined;
    if (answer === 'taken') return { tag: 'err', val: undefined };
    if (!(answer instanceof VirtualResponse)) return { tag: 'ok', val: { tag: 'err', val: answer } };
    takeHandle(this.bindings.context, 'incoming-response');
    return { tag: 'ok', val: { tag: 'ok', val: this.bindings.make('incoming-response', answer) } };
  }
}
