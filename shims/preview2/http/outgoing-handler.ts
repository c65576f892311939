import { refuseHttpRequest } from '../../../src/virtual/network/refusals.ts';
import { ComponentError } from '../plain/component-error.ts';
import type { Bindings } from '../plain/resource.ts';
import type { HttpError } from './error-code.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import type { RequestOptions } from './request-options.ts';

/** wasi:http/outgoing-handler */
export interface OutgoingHandler {
  readonly handle: (
    bindings: Bindings,
    request: OutgoingRequest,
    options: RequestOptions | undefined,
  ) => never;
}

export const outgoingHandler: OutgoingHandler = {
  // handle: func(request: outgoing-request, options: option<request-options>) -> result<future-incoming-response, error-code>
  handle({ context }, request, options) {
    refuseHttpRequest(context.host.guard, request.target);
    options?.[Symbol.dispose]();
    request[Symbol.dispose]();
    throw new ComponentError<HttpError>({ tag: 'HTTP-request-denied' });
  },
};
