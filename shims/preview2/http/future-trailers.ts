import { Fields as VirtualFields } from '../../../src/virtual/http/fields.ts';
import type { HttpError } from '../../../src/virtual/http/http-error.ts';
import type { Pollable } from '../io/poll.ts';
import { StreamPollable } from '../io/pollable.ts';
import { PlainResource } from '../plain/resource.ts';
import type { Fields } from './fields.ts';
import { type PlainResult, takeHandle } from './plain-results.ts';

export class FutureTrailers extends PlainResource<'future-trailers'> {
  // subscribe: func() -> pollable
  subscribe(): Pollable {
    const { target } = this;
    takeHandle(this.bindings.context, 'pollable');
    return this.bindings.make('pollable', new StreamPollable(target));
  }

  // get: func() -> option<result<result<option<trailers>, error-code>>>
  get(): PlainResult<PlainResult<Fields | undefined, HttpError>, undefined> | undefined {
    const answer = this.target.get();
    if (answer === undefined) return undefined;
    if (answer === 'taken') return { tag: 'err', val: undefined };
    if (answer === 'none') return { tag: 'ok', val: { tag: 'ok', val: undefined } };
    if (!(answer instanceof VirtualFields)) return { tag: 'ok', val: { tag: 'err', val: answer } };
    takeHandle(this.bindings.context, 'fields');
    return { tag: 'ok', val: { tag: 'ok', val: this.bindings.make('fields', answer) } };
  }
}
