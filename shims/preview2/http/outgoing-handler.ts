import type { Bindings } from '../plain/resource.ts';
import type { FutureIncomingResponse } from './future-incoming-response.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import { takeHandle, throwHttpError } from './plain-results.ts';
import type { RequestOptions } from './request-options.ts';

/** wasi:http/outgoing-handler */
export interface OutgoingHandler {
  readonly handle: (
    bindings: Bindings,
    request: OutgoingRequest,
    options: RequestOptions | undefined,
  ) => FutureIncomingResponse;
}

export const outgoingHandler: OutgoingHandler = {
  // handle: func(request: outgoing-request, options: option<request-options>) -> result<future-incoming-response, error-code>
  handle(bindings, request, options) {
    const { context } = bindings;
    const chosen = options?.target;
    options?.[Symbol.dispose]();
    const answer = context.host.http.send(context.take('outgoing-request', request.rep), chosen);
    if ('tag' in answer) throwHttpError(answer);
    takeHandle(context, 'future-incoming-response');
    return bindings.make('future-incoming-response', answer);
  },
};
